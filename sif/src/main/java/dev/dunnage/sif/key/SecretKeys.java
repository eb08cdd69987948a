package dev.dunnage.sif.key;

import dev.dunnage.sif.armor.ArmorException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPMarker;
import org.bouncycastle.openpgp.PGPObjectFactory;
import org.bouncycastle.openpgp.PGPSecretKeyRing;
import org.bouncycastle.openpgp.operator.bc.BcKeyFingerprintCalculator;

/** Where secret keys come from: made here, or read from a file that another tool exported. */
public final class SecretKeys {
    private static final String TYPE = "PGP PRIVATE KEY BLOCK";

    private SecretKeys() {}

    /**
     * Makes a key that may certify and sign.
     *
     * @param userId for example {@code Site Signer <signer@example.org>}; one line
     * @param validity from creation on, in whole seconds; empty for a key that does not expire
     * @param passphrase protects the exported key; empty for none
     */
    public static PgpSecretKey generate(
            KeyKind kind, String userId, Instant created, Optional<Duration> validity, char[] passphrase)
            throws SecretKeyException {
        if (userId.isBlank() || userId.codePoints().anyMatch(Character::isISOControl)) {
            throw new SecretKeyException("the user id must be one line of text, give a name and an address");
        }
        try {
            return new PgpSecretKey(new KeyMaker(kind, created).make(userId, validity, passphrase));
        } catch (IOException | PGPException e) {
            throw new SecretKeyException("the key could not be made: " + e.getMessage(), e);
        }
    }

    /** Reads a file with one exported secret key, armored or binary. */
    public static PgpSecretKey read(Path file) throws IOException, SecretKeyException {
        if (Files.size(file) > PacketFile.MAX_SIZE) {
            throw new SecretKeyException("key file %s is larger than 16 MiB, export one key only".formatted(file));
        }
        try {
            return read(Files.readAllBytes(file));
        } catch (SecretKeyException e) {
            throw new SecretKeyException("key file %s cannot be used: %s".formatted(file, e.getMessage()), e);
        }
    }

    /** Reads one exported secret key, armored or binary. */
    public static PgpSecretKey read(byte[] content) throws SecretKeyException {
        List<PGPSecretKeyRing> rings = decode(content);
        if (rings.size() != 1) {
            throw new SecretKeyException("it holds %d secret keys, export one with gpg --export-secret-keys FINGERPRINT"
                    .formatted(rings.size()));
        }
        PGPSecretKeyRing ring = rings.get(0);
        if (ring.getPublicKey().getVersion() != 4 || ring.getSecretKey().isPrivateKeyEmpty()) {
            throw new SecretKeyException(
                    "it has no secret primary key of version 4, export the whole key with gpg --export-secret-keys");
        }
        try {
            return new PgpSecretKey(ring.getEncoded());
        } catch (IOException e) {
            throw new SecretKeyException("it cannot be encoded", e);
        }
    }

    private static List<PGPSecretKeyRing> decode(byte[] content) throws SecretKeyException {
        List<PGPSecretKeyRing> rings = new ArrayList<>();
        try {
            PGPObjectFactory objects = new PGPObjectFactory(
                    new ByteArrayInputStream(PacketFile.packets(content, TYPE)), new BcKeyFingerprintCalculator());
            for (Object each = objects.nextObject(); each != null; each = objects.nextObject()) {
                if (each instanceof PGPSecretKeyRing ring) {
                    rings.add(ring);
                } else if (!(each instanceof PGPMarker)) {
                    throw new SecretKeyException(
                            "it holds something other than secret keys, export with gpg --export-secret-keys");
                }
            }
            return rings;
        } catch (PacketFile.UnfitException | ArmorException e) {
            throw new SecretKeyException(String.valueOf(e.getMessage()), e);
        } catch (IOException | RuntimeException e) {
            throw new SecretKeyException("it is damaged, export it again with gpg --export-secret-keys", e);
        }
    }
}
