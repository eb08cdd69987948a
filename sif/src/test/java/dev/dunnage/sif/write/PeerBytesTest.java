package dev.dunnage.sif.write;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dunnage.sif.Architecture;
import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.PartitionKind;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifLayout;
import dev.dunnage.sif.SifObject;
import dev.dunnage.sif.TestImages;
import dev.dunnage.sif.write.SifEditor.DeleteOption;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Images that other tools made, made again from the same objects: every byte must be the same. */
class PeerBytesTest {
    private static final Path CORPUS =
            Path.of(System.getProperty("dunnage.corpus", "absent")).resolve("sif");

    @TempDir
    Path directory;

    private static byte[] corpus(String name) throws Exception {
        Assumptions.assumeTrue(Files.isDirectory(CORPUS), "SKIPPED: corpus not found at " + CORPUS);
        return Files.readAllBytes(CORPUS.resolve(name + ".sif"));
    }

    private static NewObject same(ImageBytes bytes, SifObject object) {
        return new NewObject(
                object.type(),
                ObjectSource.of(bytes, object),
                metadata(object),
                object.group(),
                object.link(),
                object.partition().isPresent() ? SifLayout.PARTITION_ALIGNMENT : 0,
                object.name());
    }

    private static ObjectMetadata metadata(SifObject object) {
        return switch (object.type()) {
            case PARTITION ->
                object.partition()
                        .map(p -> new ObjectMetadata.Partition(p.fileSystem(), p.kind(), p.architecture()))
                        .orElseThrow();
            case SIGNATURE ->
                object.signature()
                        .map(s -> new ObjectMetadata.Signature(s.hash(), s.fingerprint()))
                        .orElseThrow();
            case CRYPTO_MESSAGE ->
                object.message()
                        .map(m -> new ObjectMetadata.Message(m.format(), m.kind()))
                        .orElseThrow();
            case SBOM -> new ObjectMetadata.Sbom(object.sbom().orElseThrow());
            case OCI_BLOB, OCI_ROOT_INDEX ->
                new ObjectMetadata.Oci(object.ociDigest().orElseThrow());
            default -> new ObjectMetadata.None();
        };
    }

    private static String launchScript(byte[] image) {
        int end = 0;
        while (image[end] != 0) {
            end++;
        }
        return new String(image, 0, end, java.nio.charset.StandardCharsets.UTF_8);
    }

    private static EditTime at(long seconds) {
        return EditTime.exactly(Instant.ofEpochSecond(seconds));
    }

    /** Made in one go by the builder, or by the library of the peers. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "images/deterministic",
                "images/unsigned",
                "images/meta-unsigned",
                "images/empty",
                "peer/empty",
                "peer/empty-id",
                "peer/empty-launch-script",
                "peer/one-group",
                "peer/two-groups",
                "peer/one-object-time",
                "peer/one-object-generic-json",
                "peer/one-object-crypt-message",
                "peer/one-object-sbom",
                "peer/one-object-oci-blob",
                "peer/one-object-oci-root-index",
            })
    void createsTheSameBytes(String name) throws Exception {
        byte[] theirs = corpus(name);
        ImageBytes bytes = TestImages.of(theirs);
        SifImage image = SifImage.read(bytes);
        List<NewObject> objects = new ArrayList<>();
        image.objects().forEach(each -> objects.add(same(bytes, each)));
        Path ours = directory.resolve("ours.sif");
        WriteOptions options = new WriteOptions(
                        image.header().id(), image.header().created())
                .withLaunchScript(launchScript(theirs))
                .withDescriptors(image.header().totalDescriptors());
        SifWriter.create(ours, options, objects);
        assertThat(Files.readAllBytes(ours)).isEqualTo(theirs);
    }

    /** Made empty and filled object by object, or built and then added to and signed. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "images/arm64",
                "images/sys-not-primary",
                "images/two-groups-unsigned",
                "images/two-groups-signed",
                "images/overlay-ext3-signed",
                "images/overlay-squashfs-signed",
                "images/many-types",
                "images/signed-rsa4096-a",
                "images/signed-ed25519-b",
                "images/two-signers",
                "images/enc-pem",
                "images/enc-passphrase",
                "images/dsse-ed25519",
                "images/oci-sif-like",
                "images/full-descriptors",
                "images/data-partition-signed",
                "peer/one-group-signed-pgp",
                "peer/two-groups-signed-pgp",
                "peer/one-group-signed-dsse",
                "images/meta-signed",
            })
    void addsTheSameBytes(String name) throws Exception {
        byte[] theirs = corpus(name);
        ImageBytes bytes = TestImages.of(theirs);
        SifImage image = SifImage.read(bytes);
        Path ours = directory.resolve("ours.sif");
        WriteOptions options =
                new WriteOptions(image.header().id(), image.header().created()).withLaunchScript(launchScript(theirs));
        SifWriter.create(ours, options, List.of());
        try (SifEditor editor = SifEditor.open(ours)) {
            for (SifObject each : image.objects()) {
                editor.add(same(bytes, each), at(each.created()));
            }
        }
        // What was changed last may be younger than what was added last.
        byte[] result = Files.readAllBytes(ours);
        ByteBuffer.wrap(result)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(72, image.header().modified());
        assertThat(result).isEqualTo(theirs);
        assertThat(SifImage.read(TestImages.of(ours)).header().modified())
                .isLessThanOrEqualTo(image.header().modified());
    }

    @ParameterizedTest
    @CsvSource({
        "images/signed-rsa4096-a, images/signature-removed, 4",
        "images/signed-rsa4096-a, images/signed-object-removed, 2",
        "images/signed-rsa4096-a, images/first-object-removed, 1",
        "images/two-signers, images/one-of-two-signatures-removed, 5",
    })
    void deletesToTheSameBytes(String before, String after, long id) throws Exception {
        Path ours = Files.write(directory.resolve("ours.sif"), corpus(before));
        byte[] theirs = corpus(after);
        long modified = SifImage.read(TestImages.of(theirs)).header().modified();
        try (SifEditor editor = SifEditor.open(ours)) {
            editor.delete(id, Set.of(), at(modified));
        }
        assertThat(Files.readAllBytes(ours)).isEqualTo(theirs);
    }

    @Test
    void reusesAHoleAsApptainerDoes() throws Exception {
        byte[] theirs = corpus("images/hole-reused");
        ImageBytes bytes = TestImages.of(theirs);
        SifImage image = SifImage.read(bytes);
        Path ours = Files.write(directory.resolve("ours.sif"), corpus("images/two-signers"));
        try (SifEditor editor = SifEditor.open(ours)) {
            editor.delete(4, Set.of(), at(0));
            SifObject signature = image.object(4).orElseThrow();
            assertThat(editor.add(same(bytes, signature), at(signature.created())))
                    .isEqualTo(4);
        }
        assertThat(Files.readAllBytes(ours)).isEqualTo(theirs);
    }

    /** Promoted by us and demoted again: only the times of change differ from the image as it was. */
    @Test
    void movesThePrimaryBackAndForth() throws Exception {
        byte[] theirs = corpus("peer/one-group");
        Path ours = Files.write(directory.resolve("ours.sif"), theirs);
        try (SifEditor editor = SifEditor.open(ours)) {
            editor.setPrimary(1, EditTime.none());
            assertThat(editor.image().primarySystem().id()).isEqualTo(1);
            assertThat(editor.image().object(2).orElseThrow().partition())
                    .hasValueSatisfying(p -> assertThat(p.kind()).isEqualTo(PartitionKind.SYSTEM));
            assertThat(editor.image().header().architecture()).isEqualTo(Architecture.I386);
            editor.setPrimary(2, EditTime.none());
        }
        assertThat(Files.readAllBytes(ours)).isEqualTo(theirs);
    }

    @Test
    void compactsToWhatWasThereBefore() throws Exception {
        byte[] theirs = corpus("peer/one-group");
        Path ours = Files.write(directory.resolve("ours.sif"), corpus("peer/two-groups"));
        try (SifEditor editor = SifEditor.open(ours)) {
            editor.delete(3, EnumSet.of(DeleteOption.COMPACT), EditTime.now(TestImages.CLOCK));
        }
        assertThat(Files.readAllBytes(ours)).isEqualTo(theirs);
    }
}
