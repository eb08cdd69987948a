package dev.dunnage.sif.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dunnage.sif.Architecture;
import dev.dunnage.sif.DataType;
import dev.dunnage.sif.FileSystemKind;
import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.Link;
import dev.dunnage.sif.MessageFormat;
import dev.dunnage.sif.MessageKind;
import dev.dunnage.sif.PartitionKind;
import dev.dunnage.sif.SbomFormat;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifLayout;
import dev.dunnage.sif.SifObject;
import dev.dunnage.sif.TestImages;
import dev.dunnage.sif.write.SifEditor.DeleteOption;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SifEditorTest {
    private static final EditTime NOW = EditTime.exactly(TestImages.CLOCK);
    private static final Set<DeleteOption> PLAIN = Set.of();

    @TempDir
    Path directory;

    private Path file;
    private byte[] squashfs;

    @BeforeEach
    void prepare() throws Exception {
        byte[] unsigned = TestImages.resource("images/unsigned.sif");
        squashfs = Arrays.copyOfRange(unsigned, 36864, 40960);
        file = Files.write(directory.resolve("image.sif"), unsigned);
    }

    private NewObject partition(PartitionKind kind, Architecture architecture) {
        return NewObject.partition(ObjectSource.of(squashfs), FileSystemKind.SQUASHFS, kind, architecture);
    }

    private static NewObject generic(String content) {
        return NewObject.of(
                DataType.GENERIC, ObjectSource.of(content.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    }

    private SifImage read() throws Exception {
        return SifImage.read(TestImages.of(file));
    }

    private static byte[] content(SifObject object, ImageBytes bytes) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        object.copyTo(bytes, Channels.newChannel(out));
        return out.toByteArray();
    }

    @Test
    void addsObjectsOfEveryType() throws Exception {
        ObjectSource source = ObjectSource.of(new byte[] {1, 2, 3});
        String digest = "sha256:" + "ab".repeat(32);
        List<NewObject> objects = List.of(
                NewObject.of(DataType.DEFINITION_FILE, source).named("größe"),
                NewObject.of(DataType.ENVIRONMENT, source).inGroup(2),
                NewObject.of(DataType.LABELS, source).linkedTo(new Link.ToObject(3)),
                partition(PartitionKind.OVERLAY, Architecture.ARM64).linkedTo(new Link.ToGroup(1)),
                NewObject.signature(new byte[] {4}, 1, "ab".repeat(20)),
                NewObject.of(DataType.GENERIC_JSON, source).aligned(512),
                NewObject.of(DataType.GENERIC, source).inGroup(0),
                NewObject.of(
                        DataType.CRYPTO_MESSAGE,
                        source,
                        new ObjectMetadata.Message(MessageFormat.PEM, MessageKind.RSA_OAEP)),
                NewObject.of(DataType.SBOM, source, new ObjectMetadata.Sbom(SbomFormat.SPDX_YAML)),
                NewObject.of(DataType.OCI_ROOT_INDEX, source, new ObjectMetadata.Oci(digest)),
                NewObject.of(DataType.OCI_BLOB, source, new ObjectMetadata.Oci(digest)));
        try (SifEditor editor = SifEditor.open(file)) {
            long id = 4;
            for (NewObject each : objects) {
                assertThat(editor.add(each, NOW)).isEqualTo(id++);
            }
        }
        SifImage image = read();
        assertThat(image.warnings()).isEmpty();
        assertThat(image.objects().stream().skip(3).map(SifObject::type))
                .isEqualTo(objects.stream().map(NewObject::type).toList());
        assertThat(image.object(4).orElseThrow().name()).isEqualTo("größe");
        assertThat(image.object(5).orElseThrow().group()).isEqualTo(2);
        assertThat(image.object(6).orElseThrow().link()).isEqualTo(new Link.ToObject(3));
        SifObject overlay = image.object(7).orElseThrow();
        assertThat(overlay.isAligned(4096)).isTrue();
        assertThat(overlay.partition())
                .hasValueSatisfying(p -> assertThat(p.architecture()).isEqualTo(Architecture.ARM64));
        assertThat(content(overlay, TestImages.of(file))).isEqualTo(squashfs);
        assertThat(image.object(8).orElseThrow().signature())
                .hasValueSatisfying(s -> assertThat(s.fingerprint()).isEqualTo("AB".repeat(20)));
        assertThat(image.object(9).orElseThrow().isAligned(512)).isTrue();
        assertThat(image.object(10).orElseThrow().group()).isZero();
        assertThat(image.object(11).orElseThrow().message())
                .hasValueSatisfying(m -> assertThat(m.kind()).isEqualTo(MessageKind.RSA_OAEP));
        assertThat(image.object(12).orElseThrow().sbom()).contains(SbomFormat.SPDX_YAML);
        assertThat(image.object(13).orElseThrow().ociDigest()).contains(digest);
        assertThat(image.header().modified()).isEqualTo(TestImages.CLOCK.getEpochSecond());
        assertThat(image.header().dataSize()).isEqualTo(Files.size(file) - 32176);
    }

    @Test
    void deletesAndUsesSlotAndSpaceAgain() throws Exception {
        long size = Files.size(file);
        try (SifEditor editor = SifEditor.open(file)) {
            editor.add(generic("first"), NOW);
            editor.add(generic("second"), NOW);
            editor.delete(4, PLAIN, NOW);
            assertThat(editor.add(generic("x"), NOW)).isEqualTo(4);
            // Behind the last object that is left, which is the second one.
            assertThat(editor.image().object(4).orElseThrow().offset()).isEqualTo(size + 11);
            editor.delete(4, PLAIN, NOW);
            editor.delete(5, PLAIN, NOW);
            assertThat(Files.size(file)).isEqualTo(size + 12);
            editor.add(generic("over"), NOW);
            assertThat(editor.image().object(4).orElseThrow().offset()).isEqualTo(size);
        }
        assertThat(Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1))
                .endsWith("overtsecondx");
        assertThat(read().warnings()).isEmpty();
    }

    @Test
    void zeroesAndCompacts() throws Exception {
        try (SifEditor editor = SifEditor.open(file)) {
            editor.add(generic("secret"), NOW);
            editor.add(generic("last"), NOW);
            editor.delete(4, EnumSet.of(DeleteOption.ZERO), NOW);
            String all = Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1);
            assertThat(all).doesNotContain("secret").endsWith("\0\0\0\0\0\0last");
            editor.delete(5, EnumSet.of(DeleteOption.COMPACT), NOW);
            assertThat(Files.size(file)).isEqualTo(40960);
            assertThat(editor.image().header().dataSize()).isEqualTo(40960 - 32176);
            editor.delete(3, EnumSet.allOf(DeleteOption.class), NOW);
            assertThat(editor.image().header().architecture()).isEqualTo(Architecture.UNKNOWN);
            editor.delete(2, EnumSet.allOf(DeleteOption.class), NOW);
            editor.delete(1, EnumSet.allOf(DeleteOption.class), NOW);
            assertThat(editor.image().objects()).isEmpty();
        }
        assertThat(Files.size(file)).isEqualTo(32176);
        assertThat(read().warnings()).isEmpty();
    }

    @Test
    void setsPrimary() throws Exception {
        try (SifEditor editor = SifEditor.open(file)) {
            long id = editor.add(partition(PartitionKind.SYSTEM, Architecture.ARM64), NOW);
            assertThat(editor.image().primarySystem().id()).isEqualTo(3);
            editor.setPrimary(id, NOW);
            assertThat(editor.image().primarySystem().id()).isEqualTo(id);
            assertThat(editor.image().header().architecture()).isEqualTo(Architecture.ARM64);
            assertThat(editor.image().warnings()).isEmpty();
            byte[] before = Files.readAllBytes(file);
            editor.setPrimary(id, NOW);
            assertThat(Files.readAllBytes(file)).isEqualTo(before);
            long overlay = editor.add(partition(PartitionKind.OVERLAY, Architecture.ARM64), NOW);
            assertThatThrownBy(() -> editor.setPrimary(overlay, NOW)).hasMessageContaining("system partition");
            assertThatThrownBy(() -> editor.setPrimary(1, NOW)).hasMessageContaining("not a partition");
            assertThatThrownBy(() -> editor.setPrimary(99, NOW)).hasMessageContaining("no object 99");
        }
    }

    @Test
    void refusesWhatNoReaderWouldTake() throws Exception {
        byte[] before = Files.readAllBytes(file);
        Path text = Files.writeString(directory.resolve("text"), "x".repeat(2000));
        try (SifEditor editor = SifEditor.open(file)) {
            refuses(editor, partition(PartitionKind.PRIMARY_SYSTEM, Architecture.AMD64), "has a root file system");
            refuses(editor, generic("x").named("a".repeat(129)), "128 bytes");
            refuses(editor, generic("x").named("a\u0000b"), "control characters");
            refuses(editor, generic("x").inGroup(1L << 28), "group 268435456");
            refuses(editor, generic("x").inGroup(-1), "group -1");
            refuses(editor, generic("x").aligned(1000), "alignment 1000");
            refuses(editor, generic("x").linkedTo(new Link.ToObject(9)), "no object 9");
            refuses(editor, generic("x").linkedTo(new Link.ToGroup(9)), "no group 9");
            refuses(editor, NewObject.of(DataType.SBOM, ObjectSource.of(text)), "SBOM needs other facts");
            refuses(editor, NewObject.of(DataType.UNKNOWN, ObjectSource.of(text)), "not known");
            refuses(editor, NewObject.of(DataType.GENERIC, ObjectSource.of(directory)), "not a regular file");
            refuses(editor, partition(PartitionKind.DATA, Architecture.UNKNOWN), "unknown or malformed");
            for (FileSystemKind each : List.of(FileSystemKind.SQUASHFS, FileSystemKind.EXT3)) {
                NewObject wrong =
                        NewObject.partition(ObjectSource.of(text), each, PartitionKind.DATA, Architecture.AMD64);
                refuses(editor, wrong, "text is not a");
            }
            assertThatThrownBy(() -> SifEditor.open(file)).hasMessageContaining("being changed already");
        }
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
    }

    private static void refuses(SifEditor editor, NewObject object, String message) {
        assertThatThrownBy(() -> editor.add(object, NOW))
                .isInstanceOf(SifWriteException.class)
                .hasMessageContaining(message)
                .message()
                .hasLineCount(1);
    }

    @Test
    void refusesDataOffsetFarBehindTheEnd() throws Exception {
        byte[] content = Files.readAllBytes(file);
        ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).putLong(112, 1L << 60);
        Files.write(file, content);
        try (SifEditor editor = SifEditor.open(file)) {
            refuses(editor, generic("x"), "far behind the end");
        }
        assertThat(Files.readAllBytes(file)).isEqualTo(content);
    }

    @Test
    void keepsDeterministicImagesWithoutTimes() throws Exception {
        SifWriter.create(file, WriteOptions.deterministic().withDescriptors(3), List.of(generic("a"), generic("b")));
        try (SifEditor editor = SifEditor.open(file)) {
            editor.add(generic("c"), EditTime.now(TestImages.CLOCK));
            assertThat(editor.image().freeSlots()).isZero();
            refuses(editor, generic("d"), "is full");
            assertThat(editor.image().header().isDeterministic()).isTrue();
            assertThat(editor.image().object(3).orElseThrow().created()).isEqualTo(SifLayout.NO_TIME);
            editor.delete(3, PLAIN, EditTime.exactly(TestImages.CLOCK));
            assertThat(editor.image().header().modified()).isEqualTo(TestImages.CLOCK.getEpochSecond());
        }
    }

    @Test
    void createsEmptyImages() throws Exception {
        SifWriter.create(file, WriteOptions.deterministic().withLaunchScript(""), List.of());
        assertThat(read().objects()).isEmpty();
        assertThat(Files.size(file)).isEqualTo(32176);
        assertThatThrownBy(() -> SifWriter.create(
                        file, WriteOptions.deterministic().withLaunchScript("x".repeat(32)), List.of()))
                .hasMessageContaining("31 bytes");
        assertThatThrownBy(() ->
                        SifWriter.create(file, WriteOptions.deterministic().withDescriptors(0), List.of()))
                .hasMessageContaining("give 1 to 65536");
        NewObject astray = generic("x").linkedTo(new Link.ToGroup(2));
        assertThatThrownBy(() -> SifWriter.create(file, WriteOptions.deterministic(), List.of(astray)))
                .hasMessageContaining("group 2");
    }

    @Test
    void copiesObjectsOfOtherImages() throws Exception {
        ImageBytes other = TestImages.image("many-types");
        SifImage source = SifImage.read(other);
        SifObject root = source.primarySystem();
        try (SifEditor editor = SifEditor.open(file)) {
            long id = editor.add(NewObject.of(DataType.GENERIC, ObjectSource.of(other, root)), NOW);
            assertThat(content(editor.image().object(id).orElseThrow(), editor.bytes()))
                    .isEqualTo(content(root, other));
        }
    }
}
