package dev.dunnage.sif.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dunnage.sif.TestImages;
import dev.dunnage.sif.armor.Armor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SecretKeysTest {
    private static final byte[] TEXT = "some text".getBytes(StandardCharsets.UTF_8);
    private static final char[] NONE = {};

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(KeyKind.class)
    void makesKeysThatSignAfterARoundTrip(KeyKind kind) throws Exception {
        char[] passphrase = "two words".toCharArray();
        PgpSecretKey made = SecretKeys.generate(
                kind, "Tester <t@example.invalid>", TestImages.CLOCK, Optional.of(Duration.ofDays(2)), passphrase);
        PgpSecretKey read = SecretKeys.read(made.armoredSecret().getBytes(StandardCharsets.US_ASCII));
        KeyFacts facts = read.facts();
        assertThat(facts).isEqualTo(made.facts());
        assertThat(facts.userId()).isEqualTo("Tester <t@example.invalid>");
        assertThat(facts.expires()).contains(TestImages.CLOCK.plus(Duration.ofDays(2)));
        assertThat(facts.canSign()).isTrue();
        Path file = Files.writeString(directory.resolve("k.asc"), read.armoredPublic());
        PgpCertificate certificate =
                KeyRing.read(file).find(facts.fingerprint()).orElseThrow();
        byte[] packet = read.sign(TEXT, passphrase, TestImages.CLOCK);
        assertThat(certificate
                        .authenticate(SignaturePacket.parse(packet), TEXT, TestImages.CLOCK)
                        .outcome())
                .isEqualTo(Authentication.Outcome.GOOD);
        assertThat(certificate
                        .authenticate(SignaturePacket.parse(packet), new byte[] {1}, TestImages.CLOCK)
                        .outcome())
                .isEqualTo(Authentication.Outcome.BAD);
        assertThatThrownBy(() -> read.sign(TEXT, "wrong".toCharArray(), TestImages.CLOCK))
                .isInstanceOf(SecretKeyException.class)
                .hasMessageContaining("passphrase");
        assertThatThrownBy(() -> read.sign(TEXT, passphrase, TestImages.CLOCK.plus(Duration.ofDays(2))))
                .hasMessageContaining("has expired");
    }

    @ParameterizedTest
    @CsvSource({"ed25519-b, SHA256", "rsa4096-a, SHA256", "ecdsap521-e, SHA512"})
    void signsWithExportedKeys(String name, String hash) throws Exception {
        PgpSecretKey key = SecretKeys.read(TestImages.file("keys/" + name + ".secret.asc"));
        assertThat(key.hashName()).isEqualTo(hash);
        byte[] packet = key.sign(TEXT, NONE, TestImages.CLOCK);
        Authentication outcome = KeyRing.read(TestImages.file("keys/ring.pgp"))
                .find(key.facts().fingerprint())
                .orElseThrow()
                .authenticate(SignaturePacket.parse(packet), TEXT, TestImages.CLOCK);
        assertThat(outcome)
                .isEqualTo(new Authentication(Authentication.Outcome.GOOD, Optional.of(TestImages.CLOCK), ""));
    }

    @Test
    void refusesKeysThatNoVerifierWouldAccept() throws Exception {
        PgpSecretKey certifyOnly = SecretKeys.read(TestImages.file("keys/certonly-g.secret.asc"));
        assertThatThrownBy(() -> certifyOnly.sign(TEXT, NONE, TestImages.CLOCK)).hasMessageContaining("must not sign");
        PgpSecretKey early = SecretKeys.read(TestImages.file("keys/ed25519-b.secret.asc"));
        assertThatThrownBy(() -> early.sign(TEXT, NONE, Instant.EPOCH)).hasMessageContaining("in the future");
    }

    @Test
    void refusesOtherFiles() {
        assertThatThrownBy(() -> SecretKeys.read(TestImages.file("keys/ed25519-b.asc")))
                .isInstanceOf(SecretKeyException.class)
                .hasMessageContaining("instead of a PGP PRIVATE KEY BLOCK");
        assertThatThrownBy(() -> SecretKeys.read(new byte[0])).hasMessageContaining("holds 0 secret keys");
        assertThatThrownBy(() -> SecretKeys.read(Armor.encode("PGP PRIVATE KEY BLOCK", new byte[] {1, 2, 3})
                        .getBytes(StandardCharsets.US_ASCII)))
                .hasMessageContaining("damaged");
        assertThatThrownBy(() ->
                        SecretKeys.generate(KeyKind.ED25519, "two\nlines", TestImages.CLOCK, Optional.empty(), NONE))
                .hasMessageContaining("one line");
    }
}
