package dev.dunnage.launcher.oci;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Names out of archives, as lists of components below the root. */
final class EntryPath {
    private static final int MAX_PATH = 4095;
    private static final int MAX_NAME = 255;

    private EntryPath() {}

    /**
     * Splits the name of an entry. A leading slash means the root of the image, as everywhere.
     *
     * @throws OciException when it climbs out of the image, or no file system can hold it
     */
    static List<String> parse(String name, String layer) throws OciException {
        List<String> parts = split(name);
        for (String part : parts) {
            if (part.equals("..")) {
                throw new OciException(
                        layer + " has a file whose name climbs out of the image with '..'; do not trust this image");
            }
        }
        checkLength(name, parts, layer);
        return parts;
    }

    /** Target of a symbolic link, for resolving; {@code ..} stays. */
    static List<String> target(String text) {
        return split(text);
    }

    /** Refuses a link that leads nowhere. */
    static void checkTarget(String text, String layer) throws OciException {
        if (text.isEmpty()) {
            throw new OciException(layer + " has a link without a target; the image is damaged, push it anew");
        }
        if (text.indexOf('\0') >= 0 || text.getBytes(StandardCharsets.UTF_8).length > MAX_PATH) {
            throw new OciException(layer + " has a link whose target no file system can hold; do not trust this image");
        }
    }

    private static List<String> split(String text) {
        List<String> parts = new ArrayList<>();
        int from = 0;
        while (from <= text.length()) {
            int slash = text.indexOf('/', from);
            int to = slash < 0 ? text.length() : slash;
            String part = text.substring(from, to);
            if (!part.isEmpty() && !part.equals(".")) {
                parts.add(part);
            }
            from = to + 1;
        }
        return parts;
    }

    private static void checkLength(String name, List<String> parts, String layer) throws OciException {
        boolean fits = name.getBytes(StandardCharsets.UTF_8).length <= MAX_PATH && name.indexOf('\0') < 0;
        for (String part : parts) {
            fits &= part.length() <= MAX_NAME && part.getBytes(StandardCharsets.UTF_8).length <= MAX_NAME;
        }
        if (!fits) {
            throw new OciException(layer + " has a file whose name no file system can hold (" + name.length()
                    + " characters); do not trust this image");
        }
    }
}
