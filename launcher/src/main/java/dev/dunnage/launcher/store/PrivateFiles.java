package dev.dunnage.launcher.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** Small files of the store that nobody but its account can read, each replaced as a whole. */
final class PrivateFiles {
    static final FileAttribute<Set<PosixFilePermission>> MODE_400 = mode("r--------");
    static final FileAttribute<Set<PosixFilePermission>> MODE_600 = mode("rw-------");
    static final FileAttribute<Set<PosixFilePermission>> MODE_700 = mode("rwx------");
    private static final int LIMIT = 1 << 16;

    private PrivateFiles() {}

    private static FileAttribute<Set<PosixFilePermission>> mode(String text) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(text));
    }

    static Set<OpenOption> set(OpenOption... options) {
        return Set.of(options);
    }

    static Optional<String> read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(channel.size(), LIMIT));
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {}
            return Optional.of(StandardCharsets.UTF_8.decode(bytes.flip()).toString());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** Readers see the old text or the new one, never a part. A lost file after a power cut costs only work. */
    static void write(Path file, String text) throws IOException {
        Path draft = file.resolveSibling(".draft-" + UUID.randomUUID());
        try (FileChannel channel =
                FileChannel.open(draft, set(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), MODE_600)) {
            ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(draft);
        }
    }

    static List<Path> list(Path directory, String glob) throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, glob)) {
            files.forEach(found::add);
        }
        return found;
    }
}
