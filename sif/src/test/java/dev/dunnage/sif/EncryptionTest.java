package dev.dunnage.sif;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dunnage.sif.key.PemSecretKey;
import dev.dunnage.sif.key.SecretKeyException;
import dev.dunnage.sif.key.WrappedKey;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EncryptionTest {
    private static final char[] NONE = {};

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({
        "enc-passphrase, GOCRYPTFS, false, the passphrase that it was built with and the program gocryptfs",
        "enc-pem, GOCRYPTFS, true, the RSA key in PEM form that object 4 is wrapped for and the program gocryptfs",
        "luks-type, LUKS2, false, 'the passphrase that it was built with and a kernel with dm-crypt, used by root'",
    })
    void tellsWhatOpensAnImage(String name, Encryption.Kind kind, boolean rsa, String needs) throws Exception {
        ImageBytes bytes = TestImages.image(name);
        SifImage image = SifImage.read(bytes);
        Encryption encryption = image.encryption().orElseThrow();
        assertThat(encryption.kind()).isEqualTo(kind);
        assertThat(encryption.needsRsaKey()).isEqualTo(rsa);
        assertThat(encryption.needs()).isEqualTo(needs);
        assertThatThrownBy(() -> image.checkRunnable(Architecture.AMD64, bytes))
                .hasMessageContaining(kind == Encryption.Kind.LUKS2 ? "device mapper" : "dunnage exec --passphrase");
        if (kind == Encryption.Kind.GOCRYPTFS) {
            image.checkOpenable(Architecture.AMD64, bytes);
        } else {
            assertThatThrownBy(() -> image.checkOpenable(Architecture.AMD64, bytes))
                    .hasMessageContaining("device mapper");
        }
    }

    @Test
    void plainImagesNeedNothing() throws Exception {
        assertThat(SifImage.read(TestImages.image("unsigned")).encryption()).isEmpty();
        assertThat(SifImage.read(TestImages.image("oci-sif-like")).encryption()).isEmpty();
    }

    private static byte[] keyObject() throws Exception {
        ImageBytes bytes = TestImages.image("enc-pem");
        SifImage image = SifImage.read(bytes);
        return image.metadata(
                bytes, image.encryption().flatMap(Encryption::keyObject).orElseThrow());
    }

    /** 32 hex digits are what Apptainer makes for gocryptfs. */
    @Test
    void unwrapsThePassphrase() throws Exception {
        PemSecretKey key = PemSecretKey.read(TestImages.file("keys/pem/enc.sec.pem"), NONE);
        assertThat(new String(WrappedKey.unwrap(keyObject(), key), StandardCharsets.US_ASCII))
                .matches("[0-9a-f]{32}");
    }

    @Test
    void refusesOtherKeysAndDamage() throws Exception {
        byte[] content = keyObject();
        PemSecretKey other = PemSecretKey.read(TestImages.file("keys/pem/rsa3072.sec.pem"), NONE);
        assertThatThrownBy(() -> WrappedKey.unwrap(content, other))
                .isInstanceOf(SecretKeyException.class)
                .hasMessageContaining("another length");
        PemSecretKey curve = PemSecretKey.read(TestImages.file("keys/pem/ecp256.sec.pem"), NONE);
        assertThatThrownBy(() -> WrappedKey.unwrap(content, curve)).hasMessageContaining("not for one of type ECDSA");
        PemSecretKey key = PemSecretKey.read(TestImages.file("keys/pem/enc.sec.pem"), NONE);
        byte[] damaged = new String(content, StandardCharsets.US_ASCII)
                .replace("BIIBAEt7", "BIIBAEt8")
                .getBytes(StandardCharsets.US_ASCII);
        assertThatThrownBy(() -> WrappedKey.unwrap(damaged, key)).hasMessageContaining("another RSA key");
        assertThatThrownBy(() -> WrappedKey.unwrap(new byte[10], key)).hasMessageContaining("no wrapped key");
        Tool.run(directory, "openssl", "genrsa", "-out", "other.pem", "2048");
        PemSecretKey stranger = PemSecretKey.read(Files.readAllBytes(directory.resolve("other.pem")), NONE);
        assertThatThrownBy(() -> WrappedKey.unwrap(content, stranger)).hasMessageContaining("another RSA key");
    }
}
