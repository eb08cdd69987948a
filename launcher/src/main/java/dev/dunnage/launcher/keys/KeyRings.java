package dev.dunnage.launcher.keys;

import dev.dunnage.sif.key.KeyRing;
import dev.dunnage.sif.key.KeyRingException;
import dev.dunnage.sif.key.PemKeys;
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
    private static final String PEM_FILES = "*.pem";

    private KeyRings() {}

    /** Reads one file or directory. */
    private interface Reader<T> {
        T read(Path place) throws IOException, KeyRingException;
    }

    /**
     * Reads all PGP keys; a key that comes several times counts once, with every revocation that any copy holds.
     *
     * @throws KeyRingException when a file is no key ring
     */
    public static KeyRing read(List<Path> places) throws IOException, KeyRingException {
        return switch (places.size()) {
            case 0 -> KeyRing.empty();
            case 1 -> KeyRing.read(places.get(0));
            default -> together(files(places, KEY_FILES), ".pgp", KeyRing::read);
        };
    }

    /**
     * Reads all PEM public keys.
     *
     * @throws KeyRingException when a file holds anything else
     */
    public static PemKeys readPem(List<Path> places) throws IOException, KeyRingException {
        return switch (places.size()) {
            case 0 -> PemKeys.empty();
            case 1 -> PemKeys.read(places.get(0));
            default -> together(files(places, PEM_FILES), ".pem", PemKeys::read);
        };
    }

    /** The library reads one directory: it gets one with all the files in it. */
    private static <T> T together(List<Path> files, String suffix, Reader<T> reader)
            throws IOException, KeyRingException {
        Path together = Files.createTempDirectory("dunnage-keys");
        List<Path> links = new ArrayList<>();
        try {
            for (Path file : files) {
                // A file that was named by the user counts whatever its suffix.
                String name = "%05d-%s%s".formatted(links.size(), file.getFileName(), suffix);
                Path link = together.resolve(name);
                links.add(Files.createSymbolicLink(link, file.toAbsolutePath()));
            }
            return reader.read(together);
        } finally {
            for (Path link : links) {
                Files.deleteIfExists(link);
            }
            Files.deleteIfExists(together);
        }
    }

    private static List<Path> files(List<Path> places, String pattern) throws IOException {
        List<Path> files = new ArrayList<>();
        for (Path place : places) {
            if (Files.isDirectory(place)) {
                files.addAll(list(place, pattern));
            } else {
                files.add(place);
            }
        }
        return files;
    }

    private static List<Path> list(Path directory, String pattern) throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, pattern)) {
            entries.forEach(files::add);
        }
        files.sort(null);
        return files;
    }
}
