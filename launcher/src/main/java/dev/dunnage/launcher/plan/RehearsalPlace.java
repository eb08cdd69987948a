package dev.dunnage.launcher.plan;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** Temporary directories of rehearsals. Their names tell the process, so that the next one removes what a killed one left. */
final class RehearsalPlace {
    private static final String PREFIX = "dunnage-rehearsal-";

    private RehearsalPlace() {}

    static Path make(Path parent) throws IOException {
        Path place = Files.createTempDirectory(
                        parent, PREFIX + ProcessHandle.current().pid() + "-")
                .toRealPath();
        try (DirectoryStream<Path> others = Files.newDirectoryStream(parent, PREFIX + "*")) {
            for (Path other : others) {
                if (isAbandoned(other, place)) {
                    remove(other);
                }
            }
        }
        return place;
    }

    /** A directory of this account, which nobody else can change, and of a process that is no more. */
    private static boolean isAbandoned(Path other, Path own) throws IOException {
        String[] words =
                other.getFileName().toString().substring(PREFIX.length()).split("-", 2);
        return words[0].matches("[0-9]{1,10}")
                && ProcessHandle.of(Long.parseLong(words[0])).isEmpty()
                && Files.isDirectory(other, LinkOption.NOFOLLOW_LINKS)
                && Files.getOwner(other, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(own));
    }

    static void remove(Path place) throws IOException {
        try (Stream<Path> files = Files.walk(place)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
