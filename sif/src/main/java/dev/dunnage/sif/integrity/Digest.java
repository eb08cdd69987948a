package dev.dunnage.sif.integrity;

import java.util.HexFormat;

/**
 * A digest value.
 *
 * @param hex lower-case hex digits, as many as the algorithm gives
 */
public record Digest(DigestAlgorithm algorithm, String hex) {
    private static final int BRIEF = 16;

    /** The digest of these bytes. */
    public static Digest of(DigestAlgorithm algorithm, byte[] content) {
        return ofValue(algorithm, algorithm.start().digest(content));
    }

    static Digest ofValue(DigestAlgorithm algorithm, byte[] value) {
        return new Digest(algorithm, HexFormat.of().formatHex(value));
    }

    /** Whether this is the digest of these bytes. */
    public boolean isOf(byte[] content) {
        return hex.equals(of(algorithm, content).hex());
    }

    /** Name and first digits, for messages. */
    public String brief() {
        return "%s:%s...".formatted(algorithm.label(), hex.substring(0, BRIEF));
    }

    /** Name and digits, as in signed messages. */
    @Override
    public String toString() {
        return algorithm.label() + ":" + hex;
    }
}
