package dev.dunnage.sif.malformed;

import static dev.dunnage.sif.malformed.Damage.FIRST;
import static dev.dunnage.sif.malformed.Damage.PARTITION;
import static dev.dunnage.sif.malformed.Damage.SECOND;
import static dev.dunnage.sif.malformed.Damage.read;
import static dev.dunnage.sif.malformed.Damage.refuses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dunnage.sif.Architecture;
import dev.dunnage.sif.DataType;
import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.Link;
import dev.dunnage.sif.PartitionKind;
import dev.dunnage.sif.SifFormatException;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifListing;
import dev.dunnage.sif.TestImages;
import dev.dunnage.sif.integrity.OciDigests;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Malformed input 11 to 27 of the format reference: descriptors. */
class MalformedDescriptorTest {
    private static void refusesToRun(Consumer<ByteBuffer> change, String field, String value, long offset)
            throws Exception {
        ImageBytes bytes = TestImages.of(Damage.image("unsigned", change));
        SifImage image = SifImage.read(bytes);
        assertThat(SifListing.lines(image)).hasSize(6);
        assertThatThrownBy(() -> image.checkRunnable(Architecture.AMD64, bytes))
                .isInstanceOfSatisfying(SifFormatException.class, e -> {
                    assertThat(e.field()).isEqualTo(field);
                    assertThat(e.value()).isEqualTo(value);
                    assertThat(e.offset()).isEqualTo(offset);
                })
                .message()
                .hasLineCount(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 127, 255})
    void case11UsedFlag(int flag) {
        refuses(bytes -> bytes.put(SECOND + 4, (byte) flag), "used flag of slot 1", flag, SECOND + 4);
    }

    @Test
    void case12TypeZero() {
        refuses(bytes -> bytes.putInt(SECOND, 0), "data type of slot 1", 0, SECOND);
    }

    @Test
    void case13IdZero() {
        refuses(bytes -> bytes.putInt(SECOND + 5, 0), "object id of slot 1", 0, SECOND + 5);
    }

    @Test
    void case14SameIdTwice() {
        refuses(bytes -> bytes.putInt(SECOND + 5, 1), "object id of slot 1", 1, SECOND + 5);
    }

    @Test
    void case15GroupAndLinkNibbles() {
        refuses(bytes -> bytes.putInt(SECOND + 9, 1), "group of object 2", "0x00000001", SECOND + 9);
        refuses(bytes -> bytes.putInt(SECOND + 9, 0x70000001), "group of object 2", "0x70000001", SECOND + 9);
        refuses(bytes -> bytes.putInt(SECOND + 13, 0x10000001), "link of object 2", "0x10000001", SECOND + 13);
        refuses(bytes -> bytes.putInt(SECOND + 13, 0xe0000001), "link of object 2", "0xe0000001", SECOND + 13);
    }

    @Test
    void case16OffsetAndSizeOutsideTheFile() {
        for (long offset : new long[] {-1, Long.MIN_VALUE, 40961, Long.MAX_VALUE}) {
            refuses(bytes -> bytes.putLong(PARTITION + 17, offset), "offset of object 3", offset, PARTITION + 17);
        }
        for (long size : new long[] {-1, Long.MIN_VALUE, 4097, 1L << 62, Long.MAX_VALUE}) {
            refuses(bytes -> bytes.putLong(PARTITION + 25, size), "size of object 3", size, PARTITION + 25);
        }
        byte[] cut = Arrays.copyOf(TestImages.resource("images/unsigned.sif"), 40959);
        refuses(cut, "size of object 3", 4096, PARTITION + 25);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 127, 4095, 4096, 32175})
    void case17DataOverHeaderOrTable(long offset) {
        refuses(bytes -> bytes.putLong(SECOND + 17, offset), "offset of object 2", offset, SECOND + 17);
    }

    @ParameterizedTest
    @ValueSource(longs = {32176, 32221, 36863})
    void case18SharedBytes(long offset) {
        assertThatThrownBy(() -> read(bytes -> bytes.putLong(SECOND + 17, offset)))
                .isInstanceOf(SifFormatException.class)
                .hasMessageContaining("behind object");
    }

    @Test
    void case19LinkToNothing() throws Exception {
        SifImage image = read(bytes -> bytes.putInt(FIRST + 13, 99).putInt(SECOND + 13, 0xf0000009));
        assertThat(image.objects().get(0).link()).isEqualTo(new Link.ToObject(99));
        assertThat(image.warnings())
                .containsExactly(
                        "object 1 links to object 99, which does not exist",
                        "object 2 links to group 9, which is empty");
    }

    @Test
    void case20TwoPrimaryPartitionsOrNone() throws Exception {
        refuses(
                bytes -> bytes.putInt(FIRST, DataType.PARTITION.code())
                        .putInt(FIRST + 205, PartitionKind.PRIMARY_SYSTEM.code()),
                "number of primary system partitions",
                2,
                PARTITION);
        refusesToRun(bytes -> bytes.putInt(PARTITION + 205, 1), "number of primary system partitions", "0", 4096);
    }

    @Test
    void case21UnknownCodesAreListedButDoNotRun() throws Exception {
        refusesToRun(bytes -> bytes.putInt(PARTITION + 201, 77), "root file system", "Unknown (code 77)", 5467);
        refusesToRun(bytes -> bytes.putInt(PARTITION + 205, 77), "number of primary system partitions", "0", 4096);
        refusesToRun(
                bytes -> bytes.put(PARTITION + 209, (byte) 'x'),
                "architecture of the root file system",
                "unknown (code x2)",
                PARTITION + 209);
        assertThat(read(bytes -> bytes.putInt(FIRST, 0x4fff)).objects().get(0).type())
                .isEqualTo(DataType.UNKNOWN);
    }

    @Test
    void case22DeclaredFileSystemUnlikeTheRealOne() throws Exception {
        refusesToRun(bytes -> bytes.putInt(36864, 0x12345678), "squashfs magic", "0x12345678", 36864);
        refusesToRun(bytes -> bytes.putInt(PARTITION + 201, 2), "root file system", "Ext3 (code 2)", 5467);
    }

    @ParameterizedTest
    @CsvSource({
        "40, 4097, squashfs length",
        "40, 95, squashfs length",
        "40, -1, squashfs length",
        "64, 4097, squashfs table offset",
        "72, 95, squashfs table offset",
        "80, -2, squashfs table offset",
        "48, 9223372036854775807, squashfs table offset",
    })
    void case23SquashfsSizesBeyondTheObject(int offset, long value, String field) throws Exception {
        refusesToRun(bytes -> bytes.putLong(36864 + offset, value), field, Long.toString(value), 36864 + offset);
    }

    /** Whoever mounts decides: the kernel cannot, a FUSE server can. */
    @Test
    void case24PartitionOffMountBlocks() throws Exception {
        byte[] content = TestImages.resource("images/unsigned.sif");
        byte[] moved = Arrays.copyOf(content, 40961);
        System.arraycopy(content, 36864, moved, 36865, 4096);
        ByteBuffer.wrap(moved).order(java.nio.ByteOrder.LITTLE_ENDIAN).putLong(PARTITION + 17, 36865);
        ImageBytes bytes = TestImages.of(moved);
        SifImage image = SifImage.read(bytes);
        image.checkRunnable(Architecture.AMD64, bytes);
        assertThat(image.primarySystem().isAligned(4096)).isFalse();
        assertThat(image.primarySystem().isAligned(512)).isFalse();
    }

    @Test
    void case25NamesAreEscaped() throws Exception {
        byte[] full = "n".repeat(128).getBytes(StandardCharsets.UTF_8);
        assertThat(read(bytes -> bytes.put(FIRST + 73, full)).objects().get(0).name())
                .isEqualTo("n".repeat(128));
        byte[] hostile = {'a', 27, '[', '2', 'J', '\n', (byte) 0xff, 0, 'x'};
        assertThat(read(bytes -> bytes.put(FIRST + 73, hostile))
                        .objects()
                        .get(0)
                        .name())
                .isEqualTo("a\\x1b[2J\\x0a\\xff");
        assertThat(read(bytes -> bytes.put(3, (byte) 27)).header().launchScript())
                .startsWith("#!/\\x1b");
    }

    @Test
    void case26OciDigests() throws Exception {
        byte[] upper = Damage.image("oci-sif-like", bytes -> bytes.put(FIRST + 201 + 7, (byte) 'A'));
        assertThatThrownBy(() -> SifImage.read(TestImages.of(upper)))
                .isInstanceOfSatisfying(SifFormatException.class, e -> {
                    assertThat(e.field()).isEqualTo("digest of object 1");
                    assertThat(e.offset()).isEqualTo(FIRST + 201);
                });
        ImageBytes other = TestImages.of(Damage.image("oci-sif-like", bytes -> bytes.put(32176, (byte) ' ')));
        assertThat(OciDigests.check(SifImage.read(other), other)).hasSize(1);
    }

    @Test
    void case27StaleBytesInUnusedSlots() throws Exception {
        SifImage image = read(bytes -> bytes.putInt(FIRST + 10 * 585, -1)
                .putLong(FIRST + 10 * 585 + 17, -1)
                .put(FIRST + 10 * 585 + 4, (byte) 0));
        assertThat(image.objects()).hasSize(3);
        assertThat(image.warnings()).isEmpty();
    }
}
