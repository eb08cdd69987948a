package dev.dunnage.launcher.reference;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A content's SHA-256, by which registries name blobs.
 *
 * @param hex 64 lower-case hex digits
 */
public record Digest(String hex) {
    private static final String PREFIX = "sha256:";
    private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");

    /** Checks the digits. */
    public Digest {
        if (!HEX.matcher(hex).matches()) {
            throw new IllegalArgumentException("no SHA-256: " + hex);
        }
    }

    /**
     * Reads {@code sha256:HEX}.
     *
     * @return empty for anything else, other algorithms among it
     */
    public static Optional<Digest> parse(String text) {
        return text.startsWith(PREFIX)
                        && HEX.matcher(text.substring(PREFIX.length())).matches()
                ? Optional.of(new Digest(text.substring(PREFIX.length())))
                : Optional.empty();
    }

    /** {@code sha256:HEX}. */
    @Override
    public String toString() {
        return PREFIX + hex;
    }
}
