package dev.dunnage.launcher.store;

import dev.dunnage.launcher.wire.ContentDigest;
import dev.dunnage.sif.ImageBytes;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** A copy that has no name yet. Its lock tells the sweeper that the writer lives. */
final class CopyInTheMaking implements AutoCloseable {
    /** Starts the names of this process's copies. */
    static final String OWN_PREFIX =
            StoreDirectory.COPY_PREFIX + ProcessHandle.current().pid() + "-";

    private final Path file;
    private final FileChannel channel;

    private CopyInTheMaking(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /** To be called with the store's lock held, or a sweeper could come between creation and lock. */
    static CopyInTheMaking create(StoreDirectory directory) throws IOException {
        Path file = directory.root().resolve(OWN_PREFIX + UUID.randomUUID());
        FileChannel channel = FileChannel.open(
                file, PrivateFiles.set(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), PrivateFiles.MODE_600);
        CopyInTheMaking copy = new CopyInTheMaking(file, channel);
        try {
            channel.lock();
        } catch (IOException e) {
            copy.close();
            throw e;
        }
        return copy;
    }

    /** Copies exactly {@code size} bytes and hashes them on the way. */
    ContentDigest fill(ImageBytes image, long size) throws IOException {
        ContentDigest digest = ContentHash.of(image, size, chunk -> {
            while (chunk.hasRemaining()) {
                channel.write(chunk);
            }
        });
        channel.force(true);
        return digest;
    }

    /** Gives the copy its name; the name is on disk when this returns. */
    void publish(StoreDirectory directory, ContentDigest digest) throws IOException {
        Files.setPosixFilePermissions(file, PrivateFiles.MODE_400.value());
        Files.move(file, directory.copy(digest), StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel parent = FileChannel.open(directory.root(), StandardOpenOption.READ)) {
            parent.force(true);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            Files.deleteIfExists(file);
        } finally {
            channel.close();
        }
    }
}
