package dev.dunnage.sif;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SifImageTest {
    private static final int FIRST = 4096;
    private static final int PARTITION = FIRST + 2 * SifLayout.DESCRIPTOR_SIZE;

    private static byte[] unsigned() {
        return TestImages.resource("images/unsigned.sif");
    }

    private static SifImage changed(Consumer<ByteBuffer> change) throws Exception {
        byte[] content = unsigned();
        change.accept(ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN));
        return SifImage.read(TestImages.of(content));
    }

    @Test
    void readsHeaderAndObjects() throws Exception {
        SifImage image = SifImage.read(TestImages.of(unsigned()));
        assertThat(image.header().architecture()).isEqualTo(Architecture.AMD64);
        assertThat(image.header().totalDescriptors()).isEqualTo(48);
        assertThat(image.freeSlots()).isEqualTo(45);
        assertThat(image.warnings()).isEmpty();
        assertThat(image.objects())
                .extracting(SifObject::type)
                .containsExactly(DataType.DEFINITION_FILE, DataType.GENERIC_JSON, DataType.PARTITION);
        SifObject root = image.primarySystem();
        assertThat(root.offset()).isEqualTo(36864);
        assertThat(root.size()).isEqualTo(4096);
        assertThat(root.isAligned(4096)).isTrue();
        assertThat(root.partition())
                .contains(new PartitionInfo(FileSystemKind.SQUASHFS, PartitionKind.PRIMARY_SYSTEM, Architecture.AMD64));
    }

    @ParameterizedTest
    @ValueSource(strings = {"many-types", "two-groups-mixed"})
    void listsLikeApptainer(String name) throws Exception {
        String expected = new String(TestImages.resource("images/" + name + ".list.txt"), StandardCharsets.UTF_8);
        assertThat(SifListing.lines(SifImage.read(TestImages.image(name))))
                .isEqualTo(expected.lines().toList());
    }

    @ParameterizedTest
    @CsvSource({
        "88, -1, descriptor total",
        "88, 1099511627776, descriptor total",
        "88, 49, descriptor table size",
        "104, -1, descriptor table size",
        "96, -4096, descriptor table offset",
        "96, 100, descriptor table offset",
        "96, 9223372036854775807, descriptor table end",
        "104, 9223372036854775807, descriptor table end",
        "112, 5000, data offset",
        "112, 0, data offset",
        "120, -1, data size",
        "80, 48, free descriptor count",
    })
    void refusesHeaderNumbers(int offset, long value, String field) {
        assertThatThrownBy(() -> changed(bytes -> bytes.putLong(offset, value)))
                .isInstanceOfSatisfying(
                        SifFormatException.class, e -> assertThat(e.field()).isEqualTo(field))
                .hasMessageContaining("build it again");
    }

    @ParameterizedTest
    @CsvSource({"17, -1", "17, 9223372036854775807", "17, 0", "17, 4000", "25, -1", "25, 9223372036854775807"})
    void refusesObjectPlaces(int offset, long value) {
        assertThatThrownBy(() -> changed(bytes -> bytes.putLong(PARTITION + offset, value)))
                .isInstanceOfSatisfying(
                        SifFormatException.class, e -> assertThat(e.field()).contains("of object 3"));
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "5, 0", "5, 1", "9, 1", "9, 0x7f000001", "13, 0x30000001"})
    void refusesDescriptorCodes(int offset, String value) {
        assertThatThrownBy(() -> changed(bytes -> bytes.putInt(PARTITION + offset, Integer.decode(value))))
                .isInstanceOf(SifFormatException.class);
    }

    @Test
    void refusesTwoPrimaryPartitions() {
        assertThatThrownBy(() -> changed(bytes -> {
                    bytes.putInt(FIRST, DataType.PARTITION.code());
                    bytes.putInt(FIRST + 205, PartitionKind.PRIMARY_SYSTEM.code());
                }))
                .hasMessageContaining("number of primary system partitions is 2");
    }

    @Test
    void warnsWhenHeaderAndPartitionDiffer() throws Exception {
        SifImage image =
                changed(bytes -> bytes.put(46, (byte) '4').putLong(80, 7).putInt(FIRST + 13, 99));
        assertThat(image.warnings()).hasSize(3);
        assertThat(image.freeSlots()).isEqualTo(45);
    }

    @Test
    void escapesNames() throws Exception {
        SifImage image = changed(bytes -> bytes.put(FIRST + 73, new byte[] {'a', 27, (byte) 0xff, '\\', 0, 'x'}));
        assertThat(image.objects().get(0).name()).isEqualTo("a\\x1b\\xff\\x5c");
        assertThat(Printable.of("größe €😀".getBytes(StandardCharsets.UTF_8))).isEqualTo("größe €😀");
        assertThat(Printable.of("\u202eevil".getBytes(StandardCharsets.UTF_8))).isEqualTo("\\xe2\\x80\\xaeevil");
    }

    @Test
    void keepsUnknownCodes() throws Exception {
        SifImage image = changed(bytes -> bytes.putInt(FIRST, 0x4fff).putInt(PARTITION + 201, 77));
        assertThat(image.objects().get(0).type()).isEqualTo(DataType.UNKNOWN);
        assertThat(image.objects().get(0).typeCode()).isEqualTo(0x4fff);
        PartitionInfo partition = image.objects().get(2).partition().orElseThrow();
        assertThat(partition.fileSystem()).isEqualTo(FileSystemKind.UNKNOWN);
        assertThat(partition.fileSystemCode()).isEqualTo(77);
    }

    @Test
    void runsOnItsArchitectureOnly() throws Exception {
        ImageBytes bytes = TestImages.of(unsigned());
        SifImage image = SifImage.read(bytes);
        image.checkRunnable(Architecture.AMD64, bytes);
        assertThatThrownBy(() -> image.checkRunnable(Architecture.ARM64, bytes))
                .hasMessageContaining("amd64 (code 02)")
                .hasMessageContaining("must be arm64");
        assertThat(Architecture.AMD64.runs(Architecture.I386)).isTrue();
        assertThat(Architecture.UNKNOWN.runs(Architecture.UNKNOWN)).isFalse();
        assertThat(Architecture.named("aarch64")).contains(Architecture.ARM64);
    }

    @ParameterizedTest
    @CsvSource({
        "0, squashfs magic",
        "20, squashfs compressor",
        "22, squashfs block size",
        "28, squashfs version",
        "46, squashfs length",
        "54, squashfs table offset",
    })
    void refusesSuperblocks(int offset, String field) throws Exception {
        byte[] content = unsigned();
        content[36864 + offset] ^= 0x60;
        ImageBytes bytes = TestImages.of(content);
        SifImage image = SifImage.read(bytes);
        assertThatThrownBy(() -> image.checkRunnable(Architecture.AMD64, bytes))
                .isInstanceOfSatisfying(
                        SifFormatException.class, e -> assertThat(e.field()).isEqualTo(field));
    }

    @ParameterizedTest
    @CsvSource({
        "2, Ext3",
        "5, 'LUKS takes root''s device mapper'",
        "6, dunnage exec --passphrase",
        "77, Unknown (code 77)"
    })
    void refusesOtherRootFileSystems(int code, String text) throws Exception {
        SifImage image = changed(bytes -> bytes.putInt(PARTITION + 201, code));
        assertThatThrownBy(() -> image.checkRunnable(Architecture.AMD64, TestImages.of(unsigned())))
                .hasMessageContaining(text);
    }

    @Test
    void refusesToRunWithoutRoot() throws Exception {
        SifImage image = changed(bytes -> bytes.putInt(PARTITION + 205, PartitionKind.SYSTEM.code()));
        assertThatThrownBy(image::primarySystem).hasMessageContaining("no root file system");
    }

    @Test
    void boundsMetadata() throws Exception {
        byte[] content = java.util.Arrays.copyOf(unsigned(), 20 << 20);
        ByteBuffer bytes = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(PARTITION + 25, (20 << 20) - 36864);
        SifImage image = SifImage.read(TestImages.of(content));
        assertThat(image.metadata(TestImages.of(content), image.objects().get(0)))
                .hasSize(46);
        assertThatThrownBy(() ->
                        image.metadata(TestImages.of(content), image.objects().get(2)))
                .hasMessageContaining("at most 16777216");
        assertThat(image.object(2)).contains(image.objects().get(1));
        assertThat(List.of(image.object(99))).containsExactly(java.util.Optional.empty());
    }
}
