package dev.dunnage.launcher.keys;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * A directory of armored keys, readable by its owner alone. Files change as a whole or not at all.
 *
 * @param directory may be absent as long as there are no keys
 */
record KeyFiles(Path directory) {
    private static final FileAttribute<Set<PosixFilePermission>> FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<Set<PosixFilePermission>> DIRECTORY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    /** Key files by name. */
    List<Path> list() throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, "*.{asc,pgp}")) {
            entries.forEach(files::add);
        }
        files.sort(null);
        return files;
    }

    /** Puts a key into its file; what was there goes. */
    void replace(String fingerprint, String armored) throws IOException {
        write(directory.resolve(fingerprint + ".asc"), armored);
    }

    /** Puts a copy of a key beside earlier ones: a revocation that any of them holds must never get lost. */
    void add(String fingerprint, String armored) throws IOException {
        Path file = directory.resolve(fingerprint + ".asc");
        String known = Files.exists(file) ? Files.readString(file, StandardCharsets.ISO_8859_1) : "";
        if (!known.contains(armored.strip())) {
            write(file, known.isEmpty() || known.endsWith("\n") ? known + armored : known + "\n" + armored);
        }
    }

    /** Takes a key out of every file; answers whether it was in one. */
    boolean remove(String fingerprint) throws IOException, KeyFileException {
        boolean found = false;
        for (Path file : list()) {
            StringBuilder rest = new StringBuilder();
            boolean here = false;
            for (KeyBlock block : KeyBlock.read(file)) {
                if (block.facts().fingerprint().equals(fingerprint)) {
                    here = true;
                } else {
                    rest.append(block.armored());
                }
            }
            if (here) {
                keep(file, rest.toString());
            }
            found |= here;
        }
        return found;
    }

    private void keep(Path file, String rest) throws IOException {
        if (!rest.isEmpty()) {
            String name = file.getFileName().toString().replaceFirst("\\.(asc|pgp)$", "");
            write(file.resolveSibling(name + ".rest.asc"), rest);
        }
        Files.delete(file);
    }

    private void write(Path file, String text) throws IOException {
        Files.createDirectories(directory, DIRECTORY);
        Path fresh = Files.createFile(directory.resolve(".new-" + UUID.randomUUID()), FILE);
        try {
            Files.writeString(fresh, text, StandardCharsets.ISO_8859_1, StandardOpenOption.TRUNCATE_EXISTING);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }
}
