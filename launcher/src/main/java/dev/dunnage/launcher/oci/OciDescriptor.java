package dev.dunnage.launcher.oci;

import java.util.regex.Pattern;

/**
 * A reference to content.
 *
 * @param mediaType as it stands, may be empty
 * @param digest {@code sha256:} and 64 lower-case hex digits
 * @param size length in bytes, not negative
 */
public record OciDescriptor(String mediaType, String digest, long size) {
    private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");

    /** Reads one out of a manifest or index. */
    static OciDescriptor of(OciJson json) throws OciException {
        long size = json.number("size");
        if (size < 0) {
            throw new OciException("a descriptor in " + json.document() + " has the size " + size
                    + "; the image is damaged, push it anew");
        }
        return new OciDescriptor(
                json.text("mediaType").orElse(""), checked(json.required("digest"), json.document()), size);
    }

    /** Other algorithms than SHA-256 are not used by any registry, and malformed text could name another file. */
    static String checked(String digest, String document) throws OciException {
        if (!DIGEST.matcher(digest).matches()) {
            throw new OciException(
                    document + " has a digest that is no SHA-256; the image is damaged or hostile, push it anew");
        }
        return digest;
    }
}
