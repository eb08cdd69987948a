package dev.dunnage.sif.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dunnage.sif.TestImages;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyRingTest {
    @TempDir
    Path directory;

    @Test
    void tellsWhatEachKeyIs() throws Exception {
        List<KeyFacts> keys = KeyRing.read(TestImages.file("keys/ring.pgp")).keys();
        assertThat(keys)
                .hasSize(11)
                .extracting(KeyFacts::algorithm)
                .contains(
                        "RSA 4096",
                        "RSA 2048",
                        "Ed25519",
                        "DSA 2048",
                        "ECDSA P-256",
                        "ECDSA P-521",
                        "ECDSA brainpoolP256r1");
        // Its primary key only certifies, its subkey signs.
        assertThat(named(keys, "certonly-g").canSign()).isTrue();
        assertThat(named(keys, "rsa4096-a").canSign()).isTrue();
        assertThat(named(keys, "revoked-r").revoked()).isTrue();
        assertThat(named(keys, "ed25519-b").revoked()).isFalse();
        assertThat(named(keys, "expired-x").expiredAt(TestImages.CLOCK)).isTrue();
        assertThat(named(keys, "expired-x").expiredAt(Instant.EPOCH)).isFalse();
        assertThat(named(keys, "rsa4096-a").expiredAt(TestImages.CLOCK)).isFalse();
    }

    private static KeyFacts named(List<KeyFacts> keys, String name) {
        return keys.stream()
                .filter(key -> key.userId().contains(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void findsByFingerprintInAnyCase() throws Exception {
        KeyRing ring = KeyRing.read(TestImages.file("keys/ed25519-b.asc"));
        String fingerprint = "25404559E0E349DCF06F58BB138521E3844DF69B";
        assertThat(ring.find(fingerprint.toLowerCase(java.util.Locale.ROOT)))
                .hasValueSatisfying(key -> assertThat(key.facts().fingerprint()).isEqualTo(fingerprint));
        assertThat(ring.find("0".repeat(40))).isEmpty();
        assertThat(KeyRing.empty().keys()).isEmpty();
    }

    @Test
    void mergesCopiesSoThatRevocationCounts() throws Exception {
        Files.copy(TestImages.file("keys/revoked-r.with-revocation.asc"), directory.resolve("a.asc"));
        Files.copy(TestImages.file("keys/revoked-r.asc"), directory.resolve("b.asc"));
        Files.copy(TestImages.file("keys/ed25519-b.asc"), directory.resolve("c.txt"));
        KeyRing ring = KeyRing.read(directory);
        assertThat(ring.keys()).singleElement().matches(KeyFacts::revoked);
        Files.move(directory.resolve("a.asc"), directory.resolve("z.asc"));
        assertThat(KeyRing.read(directory).keys()).singleElement().matches(KeyFacts::revoked);
    }

    @Test
    void refusesOtherFiles() throws Exception {
        Path secret = TestImages.file("keys/ed25519-b.secret.asc");
        assertThatThrownBy(() -> KeyRing.read(secret))
                .isInstanceOf(KeyRingException.class)
                .hasMessageContaining("PGP PRIVATE KEY BLOCK");
        Path text = Files.writeString(directory.resolve("text.asc"), "hello");
        assertThatThrownBy(() -> KeyRing.read(text)).hasMessageContaining("holds no PGP PUBLIC KEY BLOCK");
        byte[] ring = TestImages.resource("keys/ring.pgp");
        Path cut = Files.write(directory.resolve("cut.pgp"), Arrays.copyOf(ring, ring.length - 10));
        assertThatThrownBy(() -> KeyRing.read(cut))
                .isInstanceOf(KeyRingException.class)
                .hasMessageContaining("damaged");
    }

    @Test
    void refusesDamagedArmor() throws Exception {
        String key = new String(TestImages.resource("keys/ed25519-b.asc"), StandardCharsets.US_ASCII);
        Path file = Files.writeString(directory.resolve("k.asc"), key.replace("mDME", "mDMF"));
        assertThatThrownBy(() -> KeyRing.read(file)).hasMessageContaining("checksum");
    }
}
