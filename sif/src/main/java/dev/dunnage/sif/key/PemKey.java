package dev.dunnage.sif.key;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/** A public key without dates or owner, as DSSE signatures use it. Immutable. */
public final class PemKey {
    private static final int MIN_RSA_BITS = 2048;
    private static final int ED25519_SIZE = 32;

    private final PublicKey key;
    private final String signatureAlgorithm;
    private final KeyFacts facts;

    private PemKey(PublicKey key, String signatureAlgorithm, String name, byte[] sshForm) {
        this.key = key;
        this.signatureAlgorithm = signatureAlgorithm;
        String fingerprint = "SHA256:" + Base64.getEncoder().withoutPadding().encodeToString(sha256(sshForm));
        this.facts = new KeyFacts(fingerprint, name, "", Instant.EPOCH, Optional.empty(), false, true);
    }

    /** Empty when the key is of a kind, or of a size, that is not accepted. */
    static Optional<PemKey> of(PublicKey key) {
        if (key instanceof RSAPublicKey rsa && rsa.getModulus().bitLength() >= MIN_RSA_BITS) {
            byte[] ssh = ssh(
                    text("ssh-rsa"),
                    rsa.getPublicExponent().toByteArray(),
                    rsa.getModulus().toByteArray());
            return Optional.of(
                    new PemKey(key, "SHA256withRSA", "RSA " + rsa.getModulus().bitLength(), ssh));
        }
        if (key instanceof EdECPublicKey ed && ed.getParams().getName().equals("Ed25519")) {
            byte[] encoded = key.getEncoded();
            byte[] raw = Arrays.copyOfRange(encoded, encoded.length - ED25519_SIZE, encoded.length);
            return Optional.of(new PemKey(key, "Ed25519", "Ed25519", ssh(text("ssh-ed25519"), raw)));
        }
        return key instanceof ECPublicKey ec ? ofCurve(ec) : Optional.empty();
    }

    private static Optional<PemKey> ofCurve(ECPublicKey key) {
        int bits = key.getParams().getCurve().getField().getFieldSize();
        // The JDK offers no other curves of these sizes (secp256k1 went away with Java 16).
        if (bits != 256 && bits != 384 && bits != 521) {
            return Optional.empty();
        }
        int size = (bits + 7) / 8;
        byte[] point = new byte[1 + 2 * size];
        point[0] = 4;
        put(key.getW().getAffineX(), point, 1, size);
        put(key.getW().getAffineY(), point, 1 + size, size);
        byte[] ssh = ssh(text("ecdsa-sha2-nistp" + bits), text("nistp" + bits), point);
        return Optional.of(new PemKey(key, "SHA256withECDSA", "ECDSA P-" + bits, ssh));
    }

    /** Facts; the fingerprint is the one that OpenSSH shows, {@code SHA256:} and base64. */
    public KeyFacts facts() {
        return facts;
    }

    String signatureAlgorithm() {
        return signatureAlgorithm;
    }

    /** Whether this key made the signature over the content, with SHA-256 where the algorithm needs a hash. */
    public boolean verifies(byte[] content, byte[] signature) {
        try {
            Signature check = Signature.getInstance(signatureAlgorithm);
            check.initVerify(key);
            check.update(content);
            return check.verify(signature);
        } catch (GeneralSecurityException | RuntimeException e) {
            return false; // anything odd in an untrusted signature counts as bad
        }
    }

    private static byte[] sha256(byte[] content) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(content);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java runtime lacks SHA-256", e);
        }
    }

    private static byte[] text(String value) {
        return value.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] ssh(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(ByteBuffer.wrap(new byte[4]).putInt(0, part.length).array());
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    private static void put(BigInteger value, byte[] target, int offset, int size) {
        byte[] bytes = value.toByteArray();
        int from = Math.max(0, bytes.length - size);
        int count = bytes.length - from;
        System.arraycopy(bytes, from, target, offset + size - count, count);
    }
}
