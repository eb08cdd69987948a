package dev.dunnage.launcher.wire;

import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * SHA-256 of a whole image file: the name of its copy in the image store.
 *
 * @param hex 64 lower case hexadecimal digits
 */
public record ContentDigest(String hex) {
    private static final Pattern FORM = Pattern.compile("[0-9a-f]{64}");

    /** Refuses anything but 64 lower case hexadecimal digits with {@link IllegalArgumentException}. */
    public ContentDigest {
        if (!FORM.matcher(hex).matches()) {
            throw new IllegalArgumentException("not a SHA-256 in lower case hexadecimal digits: " + hex);
        }
    }

    /** The digest of 32 raw bytes. */
    public static ContentDigest of(byte[] raw) {
        return new ContentDigest(HexFormat.of().formatHex(raw));
    }

    /** The 32 raw bytes. */
    public byte[] bytes() {
        return HexFormat.of().parseHex(hex);
    }
}
