package dev.dunnage.launcher.keys;

import dev.dunnage.sif.key.KeyRing;
import dev.dunnage.sif.key.KeyRingException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Several key files and directories as one ring. */
public final class KeyRings {
    /** Where a site keeps the keys that may sign. */
    public static final Path SITE = Path.of("/etc/dunnage/keys");

    private static final String KEY_FILES = "*.{asc,pgp,gpg}";

    private KeyRings() {}

    /**
     * Reads all keys; a key that comes several times counts once, with every revocation that any copy holds.
     *
     * @throws KeyRingException when a file is no key ring
     */
    public static KeyRing read(List<Path> places) throws IOException, KeyRingException {
        if (places.isEmpty()) {
            return KeyRing.empty();
        }
        if (places.size() == 1) {
            return KeyRing.read(places.get(0));
        }
        return readTogether(files(places));
    }

    /** The library reads one directory: it gets one with all the files in it. */
    private static KeyRing readTogether(List<Path> files) throws IOException, KeyRingException {
        Path together = Files.createTempDirectory("dunnage-keys");
        List<Path> links = new ArrayList<>();
        try {
            for (Path file : files) {
                Path link = together.resolve("%05d-%s".formatted(links.size(), named(file)));
                links.add(Files.createSymbolicLink(link, file.toAbsolutePath()));
            }
            return KeyRing.read(together);
        } finally {
            for (Path link : links) {
                Files.deleteIfExists(link);
            }
            Files.deleteIfExists(together);
        }
    }

    /** A file that was named by the user counts whatever its suffix. */
    private static String named(Path file) {
        String name = file.getFileName().toString();
        return name.matches(".*\\.(asc|pgp|gpg)") ? name : name + ".pgp";
    }

    private static List<Path> files(List<Path> places) throws IOException {
        List<Path> files = new ArrayList<>();
        for (Path place : places) {
            if (Files.isDirectory(place)) {
                files.addAll(list(place));
            } else {
                files.add(place);
            }
        }
        return files;
    }

    private static List<Path> list(Path directory) throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, KEY_FILES)) {
            entries.forEach(files::add);
        }
        files.sort(null);
        return files;
    }
}
