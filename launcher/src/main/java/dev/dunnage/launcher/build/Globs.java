package dev.dunnage.launcher.build;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Paths with wild cards. */
final class Globs {
    private static final Pattern WILD = Pattern.compile("[*?\\[]");

    private Globs() {}

    /** What is there, sorted; a path without wild cards is itself, if it exists. */
    static List<Path> expand(Path start, Path pattern) throws IOException {
        Path whole = start.resolve(pattern);
        if (Files.exists(whole, LinkOption.NOFOLLOW_LINKS)) {
            return List.of(whole);
        }
        List<Path> found = List.of(pattern.isAbsolute() ? Path.of("/") : start);
        for (Path part : pattern) {
            List<Path> next = new ArrayList<>();
            for (Path directory : found) {
                if (!WILD.matcher(part.toString()).find()) {
                    Path one = directory.resolve(part);
                    if (Files.exists(one, LinkOption.NOFOLLOW_LINKS)) {
                        next.add(one);
                    }
                } else if (Files.isDirectory(directory)) {
                    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, part.toString())) {
                        for (Path entry : entries) {
                            if (!entry.getFileName().toString().startsWith(".")
                                    || part.toString().startsWith(".")) {
                                next.add(entry);
                            }
                        }
                    }
                }
            }
            found = next;
        }
        return found.stream().sorted().toList();
    }
}
