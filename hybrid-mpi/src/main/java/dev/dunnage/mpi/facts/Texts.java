package dev.dunnage.mpi.facts;

import dev.dunnage.mpi.tree.FileBytes;
import dev.dunnage.mpi.tree.TreePaths;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Looks for texts in files. */
final class Texts {
    private static final long MAX_FILE = 96L << 20;

    private Texts() {}

    /** The content as text of one byte a character; empty when the file is too long to look into. */
    static Optional<String> of(TreePaths paths, String real) throws IOException {
        try (FileBytes bytes = paths.tree().open(real)) {
            return bytes.size() > MAX_FILE
                    ? Optional.empty()
                    : Optional.of(new String(bytes.bytes(0, (int) bytes.size()), StandardCharsets.ISO_8859_1));
        }
    }

    /** First group of the first place that matches. */
    static Optional<String> first(String text, Pattern pattern) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }
}
