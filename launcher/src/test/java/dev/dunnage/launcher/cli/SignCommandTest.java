package dev.dunnage.launcher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dunnage.launcher.fixture.TestSite;
import dev.dunnage.sif.key.KeyKind;
import dev.dunnage.sif.key.PgpSecretKey;
import dev.dunnage.sif.key.SecretKeys;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SignCommandTest {
    @TempDir
    Path temporary;

    private TestSite site = new TestSite(Path.of("unset"));
    private Path image = Path.of("unset");

    @BeforeEach
    void prepare() throws Exception {
        site = TestSite.in(temporary);
        image = site.image("a.sif");
    }

    private Path pem(String name, String type, byte[] content) throws Exception {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        return Files.writeString(
                site.root().resolve(name), "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n");
    }

    @ParameterizedTest
    @CsvSource({"Ed25519,255", "EC,256", "EC,384", "RSA,2048"})
    void pemKeysSign(String algorithm, int size) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        if (!algorithm.equals("Ed25519")) {
            generator.initialize(size);
        }
        KeyPair pair = generator.generateKeyPair();
        Path secret = pem("secret.pem", "PRIVATE KEY", pair.getPrivate().getEncoded());
        Path open = pem("open.pem", "PUBLIC KEY", pair.getPublic().getEncoded());
        Path other = site.root().resolve("none");
        Files.createDirectories(other);

        Command sign = Command.run("sign", "--json", "--key", secret, image);
        assertThat(sign.status()).as(sign.err()).isZero();
        String fingerprint = String.valueOf(Json.object(sign.out()).get("fingerprint"));
        assertThat(fingerprint).startsWith("SHA256:");
        assertThat(Json.object(sign.out())).containsEntry("ids", List.of(3L));
        Command verify = Command.run("verify", "--json", "--keyring", other, "--key", open, image);
        assertThat(verify.status()).as(verify.out()).isZero();
        assertThat(verify.out()).contains("\"fingerprint\":\"" + fingerprint + "\"", "\"objects\":[1,2]");
        assertThat(Command.run("verify", "--keyring", other, image).status()).isEqualTo(1);
    }

    @Test
    void onlyTheNamedGroupIsSigned() throws Exception {
        PgpSecretKey key = TestSite.newKey("a");
        site.trust(key);
        Path secret = Files.writeString(site.root().resolve("key.asc"), key.armoredSecret());
        Path data = Files.writeString(site.root().resolve("x"), "x");
        Command.run("sif", "add", image, data, "--type", "generic", "--group-id", 2);
        assertThat(Command.run("sign", "--key", secret, "--group-id", 2, image).status())
                .isZero();
        assertThat(Command.run("verify", "--keyring", site.keys(), "-g", 2, image)
                        .status())
                .isZero();
        assertThat(Command.run("verify", "--keyring", site.keys(), image).status())
                .isEqualTo(1);
        assertThat(Command.run("sign", "--key", secret, "--group-id", 3, image).err())
                .contains("group 3 has no objects")
                .hasLineCount(1);
    }

    @Test
    void passphrasesComeByDescriptor() throws Exception {
        PgpSecretKey key = SecretKeys.generate(
                KeyKind.ED25519,
                "A <a@example.org>",
                Instant.now().truncatedTo(ChronoUnit.SECONDS),
                Optional.empty(),
                "open sesame".toCharArray());
        Path secret = Files.writeString(site.root().resolve("key.asc"), key.armoredSecret());
        Program user = Program.of(site.root().resolve("home"));
        Command right = user.runWithInput("open sesame\nmore", "sign", "--key", secret, "--passphrase-fd", 0, image);
        assertThat(right.status()).as(right.err()).isZero();
        Command wrong = user.runWithInput("close\n", "sign", "--key", secret, "--passphrase-fd", 0, image);
        assertThat(wrong.status()).isEqualTo(2);
        assertThat(wrong.err()).contains("passphrase").doesNotContain("close").hasLineCount(1);
        assertThat(user.run("sign", "--key", secret, image).err())
                .contains("passphrase")
                .hasLineCount(1);
    }

    @Test
    void protectedPemKeysWantTheirPassphrase() throws Exception {
        Path key = site.root().resolve("key.pem");
        Process openssl = new ProcessBuilder(
                        "openssl",
                        "genpkey",
                        "-algorithm",
                        "ed25519",
                        "-aes256",
                        "-pass",
                        "pass:sesame",
                        "-out",
                        "" + key)
                .start();
        Assumptions.assumeTrue(openssl.waitFor() == 0, "SKIPPED: openssl makes no keys here");
        Program user = Program.of(site.root().resolve("home"));
        Command sign = user.runWithInput("sesame", "sign", "--key", key, "--passphrase-fd", 0, image);
        assertThat(sign.status()).as(sign.err()).isZero();
        Command silent = user.run("sign", "--key", key, image);
        assertThat(silent.status()).isEqualTo(2);
        assertThat(silent.err()).contains("--passphrase-fd").hasLineCount(1);
    }

    @Test
    void keysThatCannotSignAreNamed() throws Exception {
        Path open = pem(
                "open.pem",
                "PUBLIC KEY",
                KeyPairGenerator.getInstance("Ed25519")
                        .generateKeyPair()
                        .getPublic()
                        .getEncoded());
        assertThat(Command.run("sign", "--key", open, image)).satisfies(run -> {
            assertThat(run.status()).isEqualTo(2);
            assertThat(run.err()).contains("open.pem").hasLineCount(1);
        });
        assertThat(Command.run("sign", "--key", site.root().resolve("absent"), image)
                        .err())
                .contains("is not there");
    }
}
