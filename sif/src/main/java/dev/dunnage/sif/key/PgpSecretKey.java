package dev.dunnage.sif.key;

import dev.dunnage.sif.armor.Armor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPPrivateKey;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPPublicKeyRing;
import org.bouncycastle.openpgp.PGPSecretKey;
import org.bouncycastle.openpgp.PGPSecretKeyRing;
import org.bouncycastle.openpgp.operator.bc.BcKeyFingerprintCalculator;
import org.bouncycastle.openpgp.operator.bc.BcPBESecretKeyDecryptorBuilder;
import org.bouncycastle.openpgp.operator.bc.BcPGPDigestCalculatorProvider;

/** A secret key with its public part, still protected by its passphrase if it has one. Immutable and thread-safe. */
public final class PgpSecretKey {
    private final byte[] packets;

    PgpSecretKey(byte[] packets) {
        this.packets = packets;
    }

    /** Facts of the public part. */
    public KeyFacts facts() {
        return certificate().facts();
    }

    /** The public key, for key rings. */
    public String armoredPublic() {
        return Armor.encodeFile("PGP PUBLIC KEY BLOCK", publicPackets());
    }

    /** The secret key, protected as it was made or read. */
    public String armoredSecret() {
        return Armor.encodeFile("PGP PRIVATE KEY BLOCK", packets);
    }

    /** Name of the hash that {@link #sign} uses, as in the {@code Hash:} header of clearsigned text. */
    public String hashName() {
        return Algorithms.hash(Algorithms.signingHash(ring().getPublicKey())).orElseThrow();
    }

    /**
     * Signs a text with the primary key, in the form that Apptainer writes.
     *
     * @param canonical the text with CRLF line ends and no trailing blanks
     * @param passphrase empty when the key has none; the caller clears it
     * @param now becomes the date of the signature
     * @return one signature packet
     */
    public byte[] sign(byte[] canonical, char[] passphrase, Instant now) throws SecretKeyException {
        checkUsable(now);
        PGPPrivateKey key = unlock(passphrase);
        try {
            return new TextSigner(ring().getPublicKey(), key).sign(canonical, now);
        } catch (IOException | PGPException e) {
            throw new SecretKeyException("signing failed: " + e.getMessage(), e);
        }
    }

    /** Refuses what no verifier would accept later. */
    private void checkUsable(Instant now) throws SecretKeyException {
        PgpCertificate certificate = certificate();
        KeyFacts facts = certificate.facts();
        refuse(facts, facts.revoked(), "is revoked");
        refuse(facts, facts.expiredAt(now), "has expired");
        refuse(facts, facts.created().isAfter(now), "is dated in the future");
        refuse(facts, !certificate.primarySigns(), "has a primary key that must not sign");
        refuse(facts, !Algorithms.isStrong(ring().getPublicKey()), "is too weak");
    }

    private static void refuse(KeyFacts facts, boolean condition, String problem) throws SecretKeyException {
        if (condition) {
            throw new SecretKeyException("key %s %s, sign with another key".formatted(facts.fingerprint(), problem));
        }
    }

    private PGPPrivateKey unlock(char[] passphrase) throws SecretKeyException {
        PGPSecretKey secret = ring().getSecretKey();
        try {
            PGPPrivateKey key = secret.extractPrivateKey(
                    new BcPBESecretKeyDecryptorBuilder(new BcPGPDigestCalculatorProvider()).build(passphrase));
            if (key != null) {
                return key;
            }
        } catch (PGPException | RuntimeException e) {
            throw new SecretKeyException("the passphrase does not open the secret key, give the right one", e);
        }
        throw new SecretKeyException("the file has no secret primary key, export the whole key");
    }

    private PgpCertificate certificate() {
        return PgpCertificate.decode(publicPackets());
    }

    private PGPSecretKeyRing ring() {
        try {
            return new PGPSecretKeyRing(packets, new BcKeyFingerprintCalculator());
        } catch (IOException | PGPException e) {
            throw new IllegalStateException("a key that was read cannot be read again", e);
        }
    }

    private byte[] publicPackets() {
        List<PGPPublicKey> keys = new ArrayList<>();
        for (Iterator<PGPPublicKey> all = ring().getPublicKeys(); all.hasNext(); ) {
            keys.add(all.next());
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            new PGPPublicKeyRing(keys).encode(out);
        } catch (IOException e) {
            throw new IllegalStateException("a key that was read cannot be encoded", e);
        }
        return out.toByteArray();
    }
}
