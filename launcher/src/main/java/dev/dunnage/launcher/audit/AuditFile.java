package dev.dunnage.launcher.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * A file of lines that agent and one-shot launchers append to. A full one is renamed to {@code FILE.1}, that one to
 * {@code FILE.2} and so on. One thread at a time may use it.
 */
final class AuditFile {
    private static final FileAttribute<Set<PosixFilePermission>> MODE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----"));
    private static final Set<OpenOption> APPEND =
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND, LinkOption.NOFOLLOW_LINKS);
    private static final Set<OpenOption> LOCK =
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);

    private final Path file;
    private final long size;
    private final int files;

    /**
     * Nothing is opened yet.
     *
     * @param size bytes at which a new file is begun
     * @param files how many are kept, the current one included
     */
    AuditFile(Path file, long size, int files) {
        this.file = file;
        this.size = size;
        this.files = files;
    }

    void append(String line) throws AuditException {
        ByteBuffer bytes = StandardCharsets.US_ASCII.encode(line + "\n");
        // The lock file is never renamed, so that nobody writes into a file that another process puts away.
        try (FileChannel lock = FileChannel.open(numbered("lock"), LOCK, MODE);
                var held = lock.lock()) {
            append(bytes, held.isValid());
        } catch (IOException e) {
            throw new AuditException("the audit file " + file + " cannot be written (" + text(e) + ")", e);
        }
    }

    private void append(ByteBuffer bytes, boolean mayRotate) throws IOException {
        if (mayRotate && isFull(bytes.remaining())) {
            rotate();
        }
        try (FileChannel channel = FileChannel.open(file, APPEND, MODE)) {
            long before = channel.size();
            try {
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            } catch (IOException e) {
                channel.truncate(before); // no half a line, which the next one would be glued to
                throw e;
            }
        }
    }

    private boolean isFull(int more) throws IOException {
        try {
            long now = Files.size(file);
            return now > 0 && now + more > size;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private void rotate() throws IOException {
        if (files == 1) {
            Files.delete(file);
            return;
        }
        for (int number = files - 1; number > 1; number--) {
            Path younger = numbered(Integer.toString(number - 1));
            if (Files.exists(younger, LinkOption.NOFOLLOW_LINKS)) {
                Files.move(younger, numbered(Integer.toString(number)), StandardCopyOption.ATOMIC_MOVE);
            }
        }
        Files.move(file, numbered("1"), StandardCopyOption.ATOMIC_MOVE);
    }

    private Path numbered(String suffix) {
        return file.resolveSibling(file.getFileName() + "." + suffix);
    }

    private static String text(IOException e) {
        if (e instanceof NoSuchFileException absent) {
            return absent.getFile() + ": no such file or directory";
        }
        String reason = e instanceof FileSystemException other ? other.getReason() : e.getMessage();
        return reason == null ? e.getClass().getSimpleName() : reason;
    }
}
