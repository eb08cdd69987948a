package dev.dunnage.sif.sign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dunnage.sif.Architecture;
import dev.dunnage.sif.DataType;
import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.Link;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifObject;
import dev.dunnage.sif.TestImages;
import dev.dunnage.sif.integrity.MessageBuilder;
import dev.dunnage.sif.integrity.ObjectGroup;
import dev.dunnage.sif.integrity.ObjectHasher;
import dev.dunnage.sif.key.KeyRing;
import dev.dunnage.sif.key.PgpSecretKey;
import dev.dunnage.sif.key.SecretKeys;
import dev.dunnage.sif.verify.SifVerifier;
import dev.dunnage.sif.verify.Verification;
import dev.dunnage.sif.write.ObjectSpec;
import dev.dunnage.sif.write.SifWriteException;
import dev.dunnage.sif.write.SifWriter;
import dev.dunnage.sif.write.WriteOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images that this module writes and signs, read and verified again. */
class RoundTripTest {
    private static final char[] NONE = {};
    private static final UUID ID = UUID.fromString("75cdb1d1-2f1e-4d40-859a-e5d6f5ebe174");

    @TempDir
    Path directory;

    private Path squashfs;
    private Path image;
    private PgpSecretKey key;

    @BeforeEach
    void prepare() throws Exception {
        byte[] unsigned = TestImages.resource("images/unsigned.sif");
        squashfs = Files.write(directory.resolve("root.sqfs"), Arrays.copyOfRange(unsigned, 36864, 40960));
        image = directory.resolve("made.sif");
        key = SecretKeys.read(TestImages.file("keys/ed25519-b.secret.asc"));
    }

    private List<ObjectSpec> objects() {
        return List.of(
                new ObjectSpec.DefinitionFile("bootstrap: scratch\n".getBytes(StandardCharsets.UTF_8)),
                new ObjectSpec.GenericJson("inspect-metadata.json", "{}".getBytes(StandardCharsets.UTF_8)),
                new ObjectSpec.PrimaryPartition(squashfs, Architecture.AMD64));
    }

    private Verification verify() throws Exception {
        ImageBytes bytes = TestImages.of(image);
        return new SifVerifier(KeyRing.read(TestImages.file("keys/ring.pgp")), TestImages.CLOCK)
                .verify(SifImage.read(bytes), bytes);
    }

    @Test
    void writesSignsAndVerifies() throws Exception {
        SifWriter.create(image, WriteOptions.at(TestImages.CLOCK, ID), objects());
        SifImage written = SifImage.read(TestImages.of(image));
        assertThat(written.warnings()).isEmpty();
        assertThat(written.header().id()).isEqualTo(ID);
        assertThat(written.header().created()).isEqualTo(TestImages.CLOCK.getEpochSecond());
        assertThat(written.primarySystem().offset()).isEqualTo(32768);
        written.checkRunnable(Architecture.AMD64, TestImages.of(image));
        assertThat(verify().rejection())
                .hasValueSatisfying(reason -> assertThat(reason).contains("not signed"));

        assertThat(PgpSigner.sign(image, key, NONE, TestImages.CLOCK, OptionalLong.empty()))
                .containsExactly(4L);
        SifImage signed = SifImage.read(TestImages.of(image));
        assertThat(signed.warnings()).isEmpty();
        SifObject signature = signed.object(4).orElseThrow();
        assertThat(signature.group()).isZero();
        assertThat(signature.link()).isEqualTo(new Link.ToGroup(1));
        assertThat(signature.signature())
                .hasValueSatisfying(info ->
                        assertThat(info.fingerprint()).isEqualTo(key.facts().fingerprint()));
        assertThat(signed.header().freeDescriptors()).isEqualTo(44);
        assertThat(signed.header().dataSize()).isEqualTo(Files.size(image) - 32176);
        assertThat(verify().signersOfEveryGroup()).containsExactly(key.facts().fingerprint());
    }

    @Test
    void leavesNothingBesideTheImage() throws Exception {
        SifWriter.create(image, WriteOptions.deterministic(), objects());
        byte[] first = Files.readAllBytes(image);
        SifWriter.create(image, WriteOptions.deterministic(), objects());
        assertThat(Files.readAllBytes(image)).isEqualTo(first);
        try (var files = Files.list(directory)) {
            assertThat(files).containsExactlyInAnyOrder(image, squashfs);
        }
    }

    @Test
    void refusesAFlippedByteAnywhereInSignedContent() throws Exception {
        SifWriter.create(image, WriteOptions.at(TestImages.CLOCK, ID), objects());
        PgpSigner.sign(image, key, NONE, TestImages.CLOCK, OptionalLong.of(1));
        byte[] good = Files.readAllBytes(image);
        SifImage signed = SifImage.read(TestImages.of(good));
        List<Long> places = new ArrayList<>(List.of(0L, 31L, 48L, 63L));
        for (SifObject object : signed.objects()) {
            for (long at = object.offset(); at < object.end(); at += 61) {
                places.add(at);
            }
        }
        for (long at : places) {
            byte[] flipped = good.clone();
            flipped[(int) at] ^= 1;
            Files.write(image, flipped);
            assertThat(verify().accepted()).as("byte %d", at).isFalse();
        }
    }

    @Test
    void statesWhatApptainerStates() throws Exception {
        ImageBytes bytes = TestImages.image("signed-ed25519-b");
        SifImage theirs = SifImage.read(bytes);
        SifObject signature = theirs.object(4).orElseThrow();
        String text = new String(bytes.bytes(signature.offset(), (int) signature.size()), StandardCharsets.UTF_8);
        ObjectGroup group = ObjectGroup.of(theirs).get(0);
        assertThat(text.lines())
                .contains(MessageBuilder.build(theirs, group, new ObjectHasher(bytes))
                        .toJson());
    }

    @Test
    void signsEveryGroup() throws Exception {
        Files.write(image, TestImages.resource("images/two-groups-mixed.sif"));
        assertThat(PgpSigner.sign(image, key, NONE, TestImages.CLOCK, OptionalLong.empty()))
                .hasSize(2);
        assertThat(verify().signersOfEveryGroup()).containsExactly(key.facts().fingerprint());
        assertThatThrownBy(() -> PgpSigner.sign(image, key, NONE, TestImages.CLOCK, OptionalLong.of(7)))
                .isInstanceOf(SignException.class)
                .hasMessageContaining("group 7");
    }

    @Test
    void needsAFreeDescriptor() throws Exception {
        List<ObjectSpec> full = new ArrayList<>();
        for (int i = 0; i < 48; i++) {
            full.add(new ObjectSpec.GenericJson("n" + i, new byte[] {'{', '}'}));
        }
        SifWriter.create(image, WriteOptions.deterministic(), full);
        assertThat(SifImage.read(TestImages.of(image)).objects())
                .hasSize(48)
                .allMatch(object -> object.type() == DataType.GENERIC_JSON);
        byte[] before = Files.readAllBytes(image);
        assertThatThrownBy(() -> PgpSigner.sign(image, key, NONE, TestImages.CLOCK, OptionalLong.empty()))
                .hasMessageContaining("0 free descriptors");
        assertThat(Files.readAllBytes(image)).isEqualTo(before);
        full.add(new ObjectSpec.GenericJson("one too many", new byte[0]));
        assertThatThrownBy(() -> SifWriter.create(image, WriteOptions.deterministic(), full))
                .isInstanceOf(SifWriteException.class);
    }

    @Test
    void refusesWhatIsNoRootFileSystem() throws Exception {
        Path text = Files.write(directory.resolve("text"), new byte[200]);
        assertThatThrownBy(() -> SifWriter.create(
                        image,
                        WriteOptions.deterministic(),
                        List.of(new ObjectSpec.PrimaryPartition(text, Architecture.AMD64))))
                .isInstanceOf(SifWriteException.class)
                .hasMessageContaining("make it with mksquashfs");
        assertThat(image).doesNotExist();
        ObjectSpec root = new ObjectSpec.PrimaryPartition(squashfs, Architecture.AMD64);
        assertThatThrownBy(() -> SifWriter.create(image, WriteOptions.deterministic(), List.of(root, root)))
                .hasMessageContaining("one root file system");
    }
}
