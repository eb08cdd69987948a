package dev.dunnage.policy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;

/**
 * Reads the {@code directory} of a group. Rules are compared with resolved paths of images, so a path that is written
 * differently or leads through a symbolic link would never match and a laxer group would decide.
 */
final class DirectoryReader {
    private DirectoryReader() {}

    static Optional<Path> read(Node node, Findings findings) {
        Optional<String> text = Section.text(node, findings).map(Node.Scalar::text);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        Optional<String> finding = finding(text.get());
        finding.ifPresent(message -> findings.add(node, message));
        return finding.isPresent() ? Optional.empty() : text.map(Path::of);
    }

    private static Optional<String> finding(String text) {
        Path path;
        try {
            path = Path.of(text);
        } catch (InvalidPathException e) {
            return Optional.of("'" + text + "' is no path in this locale: run with LC_ALL=C.UTF-8");
        }
        if (!path.isAbsolute()) {
            return Optional.of("'" + text + "' is relative: write an absolute path");
        }
        if (!path.normalize().toString().equals(text)) {
            return Optional.of("'" + text + "' is not in its shortest form: write " + path.normalize());
        }
        return link(path);
    }

    /**
     * Looks at each component from the root. One that does not exist or cannot be looked at ends the search: a directory
     * that is not mounted yet, or closed to this account, must not bring the whole policy down.
     */
    private static Optional<String> link(Path path) {
        try {
            for (int count = 1; count <= path.getNameCount(); count++) {
                Path part = Path.of("/").resolve(path.subpath(0, count));
                BasicFileAttributes seen =
                        Files.readAttributes(part, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
                if (seen.isSymbolicLink()) {
                    return Optional.of(part + " is a symbolic link, and images are matched by resolved paths: write "
                            + target(path));
                }
                if (!seen.isDirectory()) {
                    return Optional.of(part + " is not a directory: name one");
                }
            }
        } catch (IOException e) {
            return Optional.empty();
        }
        return Optional.empty();
    }

    private static String target(Path path) {
        try {
            return path.toRealPath().toString();
        } catch (IOException e) {
            return "the path that it leads to";
        }
    }
}
