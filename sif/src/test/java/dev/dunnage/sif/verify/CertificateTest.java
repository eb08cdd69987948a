package dev.dunnage.sif.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.TestImages;
import dev.dunnage.sif.Tool;
import dev.dunnage.sif.key.KeyRing;
import dev.dunnage.sif.key.KeyRingException;
import dev.dunnage.sif.key.PemKeys;
import dev.dunnage.sif.key.PemSecretKey;
import dev.dunnage.sif.key.SignerCertificates;
import dev.dunnage.sif.sign.DsseSigner;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** DSSE signatures that count because of an X.509 certificate, and those that do not. */
class CertificateTest {
    @TempDir
    Path directory;

    private static Path pem(String name) {
        return TestImages.file("keys/pem/" + name + ".pem");
    }

    private static SignatureResult verify(byte[] image, SignerCertificates certificates, Instant at) throws Exception {
        ImageBytes bytes = TestImages.of(image);
        Verification result =
                new SifVerifier(KeyRing.empty(), PemKeys.empty(), certificates, at).verify(SifImage.read(bytes), bytes);
        SignatureResult signature = result.signatures().get(0);
        assertThat(result.accepted()).isEqualTo(signature.good());
        result.rejection().ifPresent(reason -> assertThat(reason).hasLineCount(1));
        return signature;
    }

    @ParameterizedTest
    @CsvSource({
        "leaf-codesign, 2026-12-01T00:00:00Z, GOOD, ''",
        "leaf-codesign, 2026-11-23T03:34:38Z, EXPIRED_KEY, valid from 2026-11-23T03:34:39Z",
        "leaf-codesign, 2126-10-30T03:34:40Z, EXPIRED_KEY, valid from",
        "leaf-tls, 2026-12-01T00:00:00Z, NOT_FOR_SIGNING, lacks the code signing usage",
        "leaf-short, 2026-11-24T00:00:00Z, GOOD, ''",
        "leaf-short, 2026-11-24T03:34:39Z, EXPIRED_KEY, to 2026-11-24T03:34:39Z only",
        "leaf-short, 2026-12-01T00:00:00Z, EXPIRED_KEY, only",
    })
    void judgesTheLeaf(String leaf, Instant at, SignatureStatus status, String reason) throws Exception {
        SignerCertificates certificates = SignerCertificates.read(pem(leaf), List.of(), List.of(pem("ca")));
        SignatureResult result = verify(TestImages.resource("images/dsse-rsa3072.sif"), certificates, at);
        assertThat(result.status()).isEqualTo(status);
        assertThat(result.reason()).contains(reason);
        assertThat(result.signer())
                .hasValueSatisfying(key -> assertThat(key.userId()).startsWith("CN=SIF corpus TEST"));
    }

    @Test
    void demandsATrustedRoot() throws Exception {
        byte[] image = TestImages.resource("images/dsse-rsa3072.sif");
        SignerCertificates alone = SignerCertificates.read(pem("leaf-codesign"), List.of(), List.of());
        assertThat(verify(image, alone, TestImages.CLOCK))
                .matches(r ->
                        r.status() == SignatureStatus.UNKNOWN_KEY && r.reason().contains("no trusted root"));
        SignerCertificates untrusted =
                SignerCertificates.read(pem("leaf-codesign"), List.of(pem("ca")), List.of(pem("leaf-tls")));
        assertThat(verify(image, untrusted, TestImages.CLOCK).reason()).contains("no chain of valid certificates");
    }

    @Test
    void aCertificateOfAnotherKeyCountsForNothing() throws Exception {
        SignerCertificates rsa = SignerCertificates.read(pem("leaf-codesign"), List.of(), List.of(pem("ca")));
        assertThat(verify(TestImages.resource("images/dsse-ed25519.sif"), rsa, TestImages.CLOCK)
                        .status())
                .isEqualTo(SignatureStatus.UNKNOWN_KEY);
        SignerCertificates tls = SignerCertificates.read(pem("leaf-tls"), List.of(), List.of(pem("ca")));
        assertThat(verify(TestImages.resource("images/dsse-rsa3072.sif"), tls.and(rsa), TestImages.CLOCK)
                        .status())
                .isEqualTo(SignatureStatus.GOOD);
    }

    @Test
    void refusesOtherFiles() {
        assertThatThrownBy(() -> SignerCertificates.read(pem("rsa3072.pub"), List.of(), List.of()))
                .isInstanceOf(KeyRingException.class)
                .hasMessageContaining("no proper CERTIFICATE block");
        assertThatThrownBy(() -> SignerCertificates.read(pem("leaf-codesign"), List.of(), List.of(pem("rsa3072.pub"))))
                .hasMessageContaining("rsa3072.pub.pem");
    }

    private void openssl(String command) throws Exception {
        List<String> words = new ArrayList<>(List.of("openssl"));
        words.addAll(List.of(command.split(" ", -1)));
        Tool.run(directory, words);
    }

    private void issue(String name, String issuer, String extensions, String options) throws Exception {
        openssl("genpkey -algorithm ec -pkeyopt ec_paramgen_curve:P-256 -out %s.key".formatted(name));
        openssl("req -new -key %s.key -subj /CN=%s -out %s.csr".formatted(name, name, name));
        Files.writeString(directory.resolve("ext"), extensions.replace(';', '\n'));
        String signer = issuer.isEmpty()
                ? "-signkey %s.key".formatted(name)
                : "-CA %s.pem -CAkey %s.key -CAcreateserial".formatted(issuer, issuer);
        openssl("x509 -req -in %s.csr %s -days 30 -extfile ext -out %s.pem %s"
                .formatted(name, signer, name, options)
                .strip());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "critical,CA:TRUE | extendedKeyUsage=codeSigning | -sha256 | GOOD",
                "critical,CA:TRUE | extendedKeyUsage=critical,codeSigning | -sha256 | GOOD",
                "critical,CA:TRUE;extendedKeyUsage=codeSigning | extendedKeyUsage=codeSigning | -sha256 | GOOD",
                "critical,CA:TRUE;extendedKeyUsage=serverAuth | extendedKeyUsage=codeSigning | -sha256 | UNKNOWN_KEY",
                "critical,CA:FALSE | extendedKeyUsage=codeSigning | -sha256 | UNKNOWN_KEY",
                "critical,CA:TRUE | extendedKeyUsage=codeSigning | -sha1 | UNKNOWN_KEY",
                "critical,CA:TRUE | basicConstraints=CA:FALSE | -sha256 | NOT_FOR_SIGNING",
                "critical,CA:TRUE | extendedKeyUsage=codeSigning;keyUsage=keyEncipherment | -sha256 | NOT_FOR_SIGNING",
            })
    void followsChains(String middle, String leaf, String options, SignatureStatus status) throws Exception {
        issue("root", "", "basicConstraints=critical,CA:TRUE", "-sha256");
        issue("middle", "root", "basicConstraints=" + middle, "-sha256");
        issue("leaf", "middle", leaf, options);
        Path image = Files.write(directory.resolve("i.sif"), TestImages.resource("images/unsigned.sif"));
        Instant now = Instant.now().plus(Duration.ofMinutes(1));
        PemSecretKey key = PemSecretKey.read(directory.resolve("leaf.key"), new char[0]);
        DsseSigner.sign(image, List.of(key), now, OptionalLong.empty());
        byte[] signed = Files.readAllBytes(image);
        List<Path> roots = List.of(directory.resolve("root.pem"));
        SignerCertificates certificates =
                SignerCertificates.read(directory.resolve("leaf.pem"), List.of(directory.resolve("middle.pem")), roots);
        SignatureResult result = verify(signed, certificates, now);
        assertThat(result.status()).as(result.reason()).isEqualTo(status);
        if (result.good()) {
            SignerCertificates gap = SignerCertificates.read(directory.resolve("leaf.pem"), List.of(), roots);
            assertThat(verify(signed, gap, now).status()).isEqualTo(SignatureStatus.UNKNOWN_KEY);
            Path bundle = directory.resolve("bundle.pem");
            Files.writeString(
                    bundle,
                    Files.readString(directory.resolve("leaf.pem"))
                            + Files.readString(directory.resolve("middle.pem")));
            assertThat(verify(signed, SignerCertificates.read(bundle, List.of(), roots), now)
                            .status())
                    .isEqualTo(SignatureStatus.GOOD);
        }
    }
}
