package dev.dunnage.launcher.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dunnage.launcher.fixture.TestSite;
import dev.dunnage.sif.key.KeyFacts;
import dev.dunnage.sif.key.PgpSecretKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UserKeysTest {
    @TempDir
    Path temporary;

    private UserKeys keys() {
        return new UserKeys(temporary.resolve(".dunnage/keys"));
    }

    @Test
    void withoutKeysEverythingIsEmpty() throws Exception {
        assertThat(keys().secrets()).isEmpty();
        assertThat(keys().ring().keys()).isEmpty();
        assertThat(keys().publicKey("A".repeat(40))).isEmpty();
    }

    @Test
    void aNewKeyIsForItsOwnerOnly() throws Exception {
        PgpSecretKey key = TestSite.newKey("a");
        keys().add(key);
        String fingerprint = key.facts().fingerprint();
        assertThat(keys().secret(fingerprint.toLowerCase(Locale.ROOT)).map(PgpSecretKey::facts))
                .contains(key.facts());
        assertThat(keys().publicKey(fingerprint)).contains(key.armoredPublic());
        Path secret = temporary.resolve(".dunnage/keys/secret");
        assertThat(permissions(secret)).isEqualTo("rwx------");
        assertThat(permissions(secret.resolve(fingerprint + ".asc"))).isEqualTo("rw-------");
    }

    private static String permissions(Path file) throws Exception {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    @Test
    void publicAndSecretKeysAreImported() throws Exception {
        PgpSecretKey own = TestSite.newKey("own");
        PgpSecretKey other = TestSite.newKey("other");
        Path secret = Files.writeString(temporary.resolve("secret"), own.armoredSecret());
        Path open = Files.writeString(temporary.resolve("open"), other.armoredPublic());
        assertThat(keys().importFile(secret)).isEqualTo(imported(own, true));
        assertThat(keys().importFile(open)).isEqualTo(imported(other, false));
        assertThat(keys().ring().keys())
                .extracting(KeyFacts::fingerprint)
                .containsExactlyInAnyOrder(
                        own.facts().fingerprint(), other.facts().fingerprint());
        assertThat(keys().secrets()).hasSize(1);
        Path junk = Files.writeString(temporary.resolve("junk"), "junk");
        assertThatThrownBy(() -> keys().importFile(junk)).isInstanceOf(KeyFileException.class);
    }

    private static Imported imported(PgpSecretKey key, boolean secret) {
        return new Imported(List.of(new Imported.Key(key.facts(), secret)), List.of());
    }
}
