package dev.dunnage.launcher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dunnage.launcher.fixture.TestSite;
import dev.dunnage.sif.armor.Armor;
import dev.dunnage.sif.key.PgpSecretKey;
import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyCommandsTest {
    @TempDir
    Path temporary;

    private static byte[] binary(String... armored) throws Exception {
        ByteArrayOutputStream packets = new ByteArrayOutputStream();
        for (String key : armored) {
            packets.writeBytes(
                    Armor.decodeAll(key.getBytes(StandardCharsets.UTF_8)).get(0).content());
        }
        return packets.toByteArray();
    }

    @Test
    void keysOfApptainerAndSingularityAreTakenOver() throws Exception {
        PgpSecretKey one = TestSite.newKey("one");
        PgpSecretKey two = TestSite.newKey("two");
        PgpSecretKey three = TestSite.newKey("three");
        Path apptainer = Files.createDirectories(temporary.resolve(".apptainer/keys"));
        Path singularity = Files.createDirectories(temporary.resolve(".singularity/keys"));
        Files.write(apptainer.resolve("pgp-public"), binary(one.armoredPublic(), two.armoredPublic()));
        Files.write(apptainer.resolve("pgp-secret"), binary(one.armoredSecret(), three.armoredSecret()));
        Files.write(singularity.resolve("pgp-public"), binary(two.armoredPublic()));
        Program user = Program.of(temporary);

        Command imported = user.run("key", "import", "--from-apptainer");
        assertThat(imported.status()).as(imported.err()).isZero();
        assertThat(imported.out()).hasLineCount(5).contains("imported secret key");
        Command list = user.run("key", "list");
        for (PgpSecretKey key : new PgpSecretKey[] {one, two, three}) {
            assertThat(list.out()).contains(key.facts().fingerprint());
        }
        assertThat(user.run("key", "list", "--secret").out())
                .hasLineCount(2)
                .doesNotContain(two.facts().fingerprint());
        Path image =
                TestSite.in(Files.createDirectories(temporary.resolve("site"))).image("a.sif");
        Command sign = user.run("sign", "--key", three.facts().fingerprint(), image);
        assertThat(sign.status()).as(sign.err()).isZero();
        assertThat(user.run("verify", image).status()).isZero();
    }

    @Test
    void secretKeysAreRemovedOnlyOnPurpose() throws Exception {
        PgpSecretKey key = TestSite.newKey("one");
        Path file = Files.writeString(temporary.resolve("key.asc"), key.armoredSecret());
        Program user = Program.of(temporary);
        String fingerprint = key.facts().fingerprint();
        assertThat(user.run("key", "import", "--json", file).out()).contains("\"secret\":true");
        Command careless = user.run("key", "remove", fingerprint);
        assertThat(careless.status()).isEqualTo(2);
        assertThat(careless.err()).contains("--secret").hasLineCount(1);
        assertThat(user.run("key", "export", fingerprint).out()).isEqualTo(key.armoredPublic());
        assertThat(user.run("key", "remove", "--secret", fingerprint).out()).contains("removed secret and public key");
        assertThat(user.run("key", "list").out()).isEmpty();
        assertThat(user.run("key", "remove", fingerprint).err()).contains("no key " + fingerprint + " here");
    }

    @Test
    void importsSayWhatIsWrong() throws Exception {
        Program user = Program.of(temporary);
        assertThat(user.run("key", "import").err()).contains("nothing to import");
        assertThat(user.run("key", "import", "--from-apptainer").err())
                .contains("there are no keys in .apptainer/keys");
        Path cut = Files.write(
                temporary.resolve("cut"), binary(TestSite.newKey("a").armoredPublic()));
        byte[] bytes = Files.readAllBytes(cut);
        Files.write(cut, Arrays.copyOf(bytes, bytes.length - 5));
        assertThat(user.run("key", "import", cut)).satisfies(run -> {
            assertThat(run.status()).isEqualTo(2);
            assertThat(run.err()).contains("ends in the middle of a key").hasLineCount(1);
        });
    }

    @Test
    void progressIsForTerminalsOnly() {
        StringWriter text = new StringWriter();
        try (TransferProgress progress = new TransferProgress(new PrintWriter(text), true)) {
            progress.at("keys.example.org", 0);
            progress.at("keys.example.org", 0);
            progress.at("keys.example.org", 5000);
        }
        assertThat(text.toString())
                .isEqualTo("\r\033[Kasking keys.example.org ...\r\033[Kasking keys.example.org, got 4 KiB\r\033[K");
        StringWriter silent = new StringWriter();
        try (TransferProgress progress = new TransferProgress(new PrintWriter(silent), false)) {
            progress.at("keys.example.org", 5000);
        }
        assertThat(silent.toString()).isEmpty();
    }
}
