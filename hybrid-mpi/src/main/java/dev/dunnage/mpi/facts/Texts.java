package dev.dunnage.mpi.facts;

import dev.dunnage.mpi.tree.FileBytes;
import dev.dunnage.mpi.tree.TreePaths;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Looks for texts in files, a piece at a time and in so many bytes of one tree as libraries have. Not thread-safe. */
final class Texts {
    private static final long MAX_BYTES = 512L << 20;
    private static final int PIECE = 1 << 20;
    /** The longest text that is looked for. */
    private static final int OVERLAP = 256;

    private final TreePaths paths;
    private long left = MAX_BYTES;

    Texts(TreePaths paths) {
        this.paths = paths;
    }

    /**
     * The first group of the first place that matches, for each pattern that matches; empty when the file is too long.
     *
     * @param patterns whose matches are shorter than 256 bytes
     */
    Optional<Map<Pattern, String>> find(String real, Iterable<Pattern> patterns) throws IOException {
        Map<Pattern, String> found = new TreeMap<>((one, other) -> one.pattern().compareTo(other.pattern()));
        try (FileBytes bytes = paths.tree().open(real)) {
            if (bytes.size() > left) {
                return Optional.empty();
            }
            left -= bytes.size();
            for (long at = 0; at < bytes.size(); at += PIECE) {
                int length = (int) Math.min(PIECE + OVERLAP, bytes.size() - at);
                String piece = new String(bytes.bytes(at, length), StandardCharsets.ISO_8859_1);
                for (Pattern pattern : patterns) {
                    Matcher matcher = pattern.matcher(piece);
                    if (!found.containsKey(pattern) && matcher.find()) {
                        found.put(pattern, matcher.group(1));
                    }
                }
            }
            return Optional.of(found);
        }
    }
}
