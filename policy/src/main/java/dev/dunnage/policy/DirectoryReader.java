package dev.dunnage.policy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;

/**
 * Reads a path that images or mounts are compared with. Rules are compared with resolved paths of images, so a path that is written
 * differently or leads through a symbolic link would never match and a laxer group would decide.
 */
final class DirectoryReader {
    private DirectoryReader() {}

    /** What a path may lead to. */
    enum Want {
        /** A directory; one that does not exist yet, or cannot be looked at, will do. */
        DIRECTORY,
        /** A directory that exists, as far as this account can tell. */
        EXISTING_DIRECTORY,
        /** Anything, existing or not. */
        ANYTHING,
        /** A path that is not looked for here: it is one in a container or on another node. */
        ANYTHING_UNSEEN
    }

    static Optional<Path> read(Node node, Findings findings) {
        return read(node, findings, Want.DIRECTORY);
    }

    static Optional<Path> read(Node node, Findings findings, Want want) {
        Optional<String> text = Section.text(node, findings).map(Node.Scalar::text);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        Optional<String> finding = finding(text.get(), want);
        finding.ifPresent(message -> findings.add(node, message));
        return finding.isPresent() ? Optional.empty() : text.map(Path::of);
    }

    private static Optional<String> finding(String text, Want want) {
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
        return want == Want.ANYTHING_UNSEEN ? Optional.empty() : link(path, want);
    }

    /**
     * Looks at each component from the root. One that does not exist or cannot be looked at ends the search: a directory
     * that is not mounted yet, or closed to this account, must not bring the whole policy down.
     */
    private static Optional<String> link(Path path, Want want) {
        try {
            for (int count = 1; count <= path.getNameCount(); count++) {
                Path part = Path.of("/").resolve(path.subpath(0, count));
                BasicFileAttributes seen =
                        Files.readAttributes(part, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
                if (seen.isSymbolicLink()) {
                    return Optional.of(part + " is a symbolic link, and images are matched by resolved paths: write "
                            + target(path));
                }
                boolean last = count == path.getNameCount();
                if (!seen.isDirectory() && !(last && want == Want.ANYTHING)) {
                    return Optional.of(part + " is not a directory: name one");
                }
            }
        } catch (NoSuchFileException e) {
            return want == Want.EXISTING_DIRECTORY
                    ? Optional.of(path + " does not exist: create it or take the group out")
                    : Optional.empty();
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
