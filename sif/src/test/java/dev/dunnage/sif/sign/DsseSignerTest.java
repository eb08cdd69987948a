package dev.dunnage.sif.sign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifObject;
import dev.dunnage.sif.TestImages;
import dev.dunnage.sif.Tool;
import dev.dunnage.sif.integrity.DsseEnvelope;
import dev.dunnage.sif.key.KeyRing;
import dev.dunnage.sif.key.PemKeys;
import dev.dunnage.sif.key.PemSecretKey;
import dev.dunnage.sif.key.SecretKeyException;
import dev.dunnage.sif.verify.SifVerifier;
import dev.dunnage.sif.verify.Verification;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DsseSignerTest {
    private static final char[] NONE = {};
    private static final Path CORPUS =
            Path.of(System.getProperty("dunnage.corpus", "absent")).resolve("sif");

    @TempDir
    Path directory;

    private Path image;

    @BeforeEach
    void prepare() throws Exception {
        image = Files.write(directory.resolve("image.sif"), TestImages.resource("images/unsigned.sif"));
    }

    private static PemSecretKey key(String name) throws Exception {
        return PemSecretKey.read(TestImages.file("keys/pem/" + name + ".sec.pem"), NONE);
    }

    private Verification verify(Path publicKey) throws Exception {
        ImageBytes bytes = TestImages.of(image);
        return new SifVerifier(KeyRing.empty(), PemKeys.read(publicKey), TestImages.CLOCK)
                .verify(SifImage.read(bytes), bytes);
    }

    @ParameterizedTest
    @CsvSource({"rsa3072, RSA 3072", "ecp256, ECDSA P-256", "ecp384, ECDSA P-384", "ed25519, Ed25519"})
    void signsWhatWeAndOpensslAccept(String name, String algorithm) throws Exception {
        PemSecretKey key = key(name);
        assertThat(key.facts().algorithm()).isEqualTo(algorithm);
        assertThat(DsseSigner.sign(image, List.of(key), TestImages.CLOCK, OptionalLong.empty()))
                .containsExactly(4L);
        Path publicKey = TestImages.file("keys/pem/" + name + ".pub.pem");
        Verification result = verify(publicKey);
        assertThat(result.rejection()).isEmpty();
        assertThat(result.signersOfEveryGroup()).containsExactly(key.facts().fingerprint());
        opensslAccepts(publicKey, name.equals("ed25519"));
    }

    private void opensslAccepts(Path publicKey, boolean pure) throws Exception {
        ImageBytes bytes = TestImages.of(image);
        SifObject signature = SifImage.read(bytes).object(4).orElseThrow();
        JsonNode envelope = new ObjectMapper().readTree(bytes.bytes(signature.offset(), (int) signature.size()));
        byte[] payload = envelope.get("payload").binaryValue();
        String type = "application/vnd.sylabs.sif-metadata+json";
        assertThat(envelope.get("payloadType").asText()).isEqualTo(type);
        // Put together here once more, so that an error in our own framing shows.
        String signed = "DSSEv1 %d %s %d %s"
                .formatted(type.length(), type, payload.length, new String(payload, StandardCharsets.UTF_8));
        Files.writeString(directory.resolve("signed"), signed);
        Files.write(
                directory.resolve("sig"),
                envelope.get("signatures").get(0).get("sig").binaryValue());
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(
                pure
                        ? List.of(
                                "pkeyutl", "-verify", "-pubin", "-rawin", "-sigfile", "sig", "-in", "signed", "-inkey")
                        : List.of("dgst", "-sha256", "-signature", "sig", "-verify"));
        command.add(publicKey.toString());
        if (!pure) {
            command.add("signed");
        }
        Tool.run(directory, command);
    }

    @Test
    void oneOfSeveralKeysIsEnough() throws Exception {
        DsseSigner.sign(image, List.of(key("ed25519"), key("ecp256")), TestImages.CLOCK, OptionalLong.of(1));
        assertThat(verify(TestImages.file("keys/pem/ed25519.pub.pem")).accepted())
                .isTrue();
        assertThat(verify(TestImages.file("keys/pem/ecp256.pub.pem")).accepted())
                .isTrue();
        assertThat(verify(TestImages.file("keys/pem/rsa3072.pub.pem")).rejection())
                .hasValueSatisfying(reason -> assertThat(reason).contains("no trusted PEM key made it"));
    }

    /** RSA and Ed25519 signatures have one value only, so the whole file must be that of the peers. */
    @ParameterizedTest
    @ValueSource(strings = {"one-group", "two-groups"})
    void writesTheBytesOfThePeers(String name) throws Exception {
        Assumptions.assumeTrue(Files.isDirectory(CORPUS), "SKIPPED: corpus not found at " + CORPUS);
        Path peer = CORPUS.resolve("peer");
        Files.write(image, Files.readAllBytes(peer.resolve(name + ".sif")));
        DsseSigner.sign(
                image,
                List.of(
                        PemSecretKey.read(peer.resolve("keys/ed25519-private.pem"), NONE),
                        PemSecretKey.read(peer.resolve("keys/rsa-private.pem"), NONE)),
                TestImages.CLOCK,
                OptionalLong.empty());
        assertThat(Files.readAllBytes(image)).isEqualTo(Files.readAllBytes(peer.resolve(name + "-signed-dsse.sif")));
    }

    @Test
    void refusesToSignNothing() {
        assertThatThrownBy(() -> DsseSigner.sign(image, List.of(), TestImages.CLOCK, OptionalLong.empty()))
                .isInstanceOf(SignException.class)
                .hasMessageContaining("no key");
        assertThatThrownBy(() -> DsseSigner.sign(image, List.of(key("ecp256")), TestImages.CLOCK, OptionalLong.of(9)))
                .hasMessageContaining("group 9");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "genpkey -algorithm ed25519 -aes256 -pass pass:secret -out k.pem",
                "genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:2048 -aes256 -pass pass:secret -out k.pem",
                "genrsa -traditional -out k.pem 2048",
                "ecparam -name prime256v1 -genkey -out k.pem",
                "ecparam -name secp384r1 -genkey -noout -out k.pem",
            })
    void readsWhatOpensslWrites(String command) throws Exception {
        Tool.run(directory, ("openssl " + command).split(" "));
        boolean isProtected = command.contains("secret");
        byte[] content = Files.readAllBytes(directory.resolve("k.pem"));
        assertThat(PemSecretKey.isProtected(content)).isEqualTo(isProtected);
        PemSecretKey key = PemSecretKey.read(content, isProtected ? "secret".toCharArray() : NONE);
        String publicKey = Tool.run(
                directory, "openssl", "pkey", "-in", "k.pem", "-pubout", "-passin", "pass:secret", "-out", "p.pem");
        assertThat(publicKey).isEmpty();
        DsseSigner.sign(image, List.of(key), TestImages.CLOCK, OptionalLong.empty());
        assertThat(verify(directory.resolve("p.pem")).rejection()).isEmpty();
        if (isProtected) {
            assertThatThrownBy(() -> PemSecretKey.read(content, "wrong".toCharArray()))
                    .isInstanceOf(SecretKeyException.class)
                    .hasMessageContaining("passphrase");
            assertThatThrownBy(() -> PemSecretKey.read(content, NONE)).hasMessageContaining("passphrase");
        }
    }

    @Test
    void refusesWeakAndForeignKeys() throws Exception {
        assertThatThrownBy(() -> PemSecretKey.read(TestImages.file("keys/pem/rsa3072.pub.pem"), NONE))
                .hasMessageContaining("PUBLIC KEY instead of a secret key");
        assertThatThrownBy(() -> PemSecretKey.read(TestImages.file("keys/ed25519-b.secret.asc"), NONE))
                .hasMessageContaining("it is a PGP key");
        assertThatThrownBy(() -> PemSecretKey.read("hello".getBytes(StandardCharsets.UTF_8), NONE))
                .hasMessageContaining("0 proper PEM blocks");
        String damaged = "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n"
                .formatted(Base64.getEncoder().encodeToString(new byte[] {0x30, 3, 2, 1, 0}));
        assertThatThrownBy(() -> PemSecretKey.read(damaged.getBytes(StandardCharsets.UTF_8), NONE))
                .isInstanceOf(SecretKeyException.class);
        Tool.run(directory, "openssl", "genrsa", "-out", "weak.pem", "1024");
        assertThatThrownBy(() -> PemSecretKey.read(directory.resolve("weak.pem"), NONE))
                .hasMessageContaining("too weak");
        Tool.run(directory, "openssl", "genpkey", "-algorithm", "x25519", "-out", "other.pem");
        assertThatThrownBy(() -> PemSecretKey.read(directory.resolve("other.pem"), NONE))
                .hasMessageContaining("no RSA, ECDSA or Ed25519 key");
    }

    @Test
    void framesAsTheSpecificationSays() {
        byte[] payload = "hello world".getBytes(StandardCharsets.UTF_8);
        assertThat(new String(DsseEnvelope.signedBytes(payload), StandardCharsets.UTF_8))
                .isEqualTo("DSSEv1 40 application/vnd.sylabs.sif-metadata+json 11 hello world");
    }
}
