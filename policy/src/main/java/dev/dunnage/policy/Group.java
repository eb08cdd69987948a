package dev.dunnage.policy;

import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/**
 * One entry of {@code ecl.groups}.
 *
 * @param line 1-based line of its first key
 * @param directory clean absolute path; empty for the group of all other directories
 * @param keys upper-case fingerprints in the order of the file; empty exactly in the open mode
 */
record Group(String name, int line, Mode mode, Optional<Path> directory, List<String> keys) {
    Group {
        keys = List.copyOf(new LinkedHashSet<>(keys));
    }

    /** Whether the image lies beneath the directory, at any depth; path components are compared whole. */
    boolean covers(Path image) {
        return directory.map(d -> image.startsWith(d) && !image.equals(d)).orElse(true);
    }

    /** More components mean a more specific directory; the group without one comes last. */
    int depth() {
        return directory.map(Path::getNameCount).orElse(-1);
    }
}
