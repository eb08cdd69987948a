package dev.dunnage.sif.integrity;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;

/** Digests that a signed message may use. */
public enum DigestAlgorithm {
    SHA224("sha224", "SHA-224", 28),
    SHA256("sha256", "SHA-256", 32),
    SHA384("sha384", "SHA-384", 48),
    SHA512("sha512", "SHA-512", 64),
    SHA512_224("sha512_224", "SHA-512/224", 28),
    SHA512_256("sha512_256", "SHA-512/256", 32);

    private final String label;
    private final String javaName;
    private final int length;

    DigestAlgorithm(String label, String javaName, int length) {
        this.label = label;
        this.javaName = javaName;
        this.length = length;
    }

    /** The name in signed messages. */
    public String label() {
        return label;
    }

    /** Length of a digest in bytes. */
    public int length() {
        return length;
    }

    /** The algorithm with this name in signed messages. */
    public static Optional<DigestAlgorithm> named(String label) {
        for (DigestAlgorithm each : values()) {
            if (each.label.equals(label)) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }

    /** A fresh computation. */
    public MessageDigest start() {
        try {
            return MessageDigest.getInstance(javaName);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java runtime lacks " + javaName, e);
        }
    }
}
