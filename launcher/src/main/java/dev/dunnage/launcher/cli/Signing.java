package dev.dunnage.launcher.cli;

import dev.dunnage.sif.SifFormatException;
import dev.dunnage.sif.key.PemSecretKey;
import dev.dunnage.sif.key.PgpSecretKey;
import dev.dunnage.sif.key.SecretKeyException;
import dev.dunnage.sif.sign.DsseSigner;
import dev.dunnage.sif.sign.PgpSigner;
import dev.dunnage.sif.sign.SignException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/** A secret key, ready to sign images. */
sealed interface Signing {
    /** How the key is called: 40 hexadecimal digits, or {@code SHA256:} and base64 for PEM keys. */
    String fingerprint();

    /** Signs one group or all; answers the ids of the signature objects. */
    List<Long> sign(Path image, OptionalLong group, Passphrase passphrase)
            throws IOException, SifFormatException, SecretKeyException, SignException, CommandFailure;

    /** A PGP key; its passphrase is asked for only when it has one. */
    record Pgp(PgpSecretKey key) implements Signing {
        @Override
        public String fingerprint() {
            return key.facts().fingerprint();
        }

        @Override
        public List<Long> sign(Path image, OptionalLong group, Passphrase passphrase)
                throws IOException, SifFormatException, SecretKeyException, SignException, CommandFailure {
            char[] given = passphrase.given().orElseGet(() -> new char[0]);
            boolean asked = given.length > 0;
            try {
                return signWith(image, group, given);
            } catch (SecretKeyException e) {
                if (asked || Passphrase.terminal().isEmpty()) {
                    throw e;
                }
            }
            return signWith(image, group, passphrase.ask("Passphrase of key " + fingerprint()));
        }

        private List<Long> signWith(Path image, OptionalLong group, char[] phrase)
                throws IOException, SifFormatException, SecretKeyException, SignException {
            try {
                return PgpSigner.sign(image, key, phrase, Instant.now(), group);
            } finally {
                Arrays.fill(phrase, ' ');
            }
        }
    }

    /** A PEM key. */
    record Dsse(PemSecretKey key) implements Signing {
        static Dsse open(Path file, boolean isProtected, Passphrase passphrase)
                throws IOException, SecretKeyException, CommandFailure {
            char[] phrase = isProtected ? passphrase.of("key " + file) : new char[0];
            try {
                return new Dsse(PemSecretKey.read(file, phrase));
            } finally {
                Arrays.fill(phrase, ' ');
            }
        }

        @Override
        public String fingerprint() {
            return key.facts().fingerprint();
        }

        @Override
        public List<Long> sign(Path image, OptionalLong group, Passphrase passphrase)
                throws IOException, SifFormatException, SecretKeyException, SignException {
            return DsseSigner.sign(image, List.of(key), Instant.now(), group);
        }
    }
}
