package dev.dunnage.launcher.store;

import dev.dunnage.launcher.wire.ContentDigest;
import dev.dunnage.sif.ImageBytes;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;

/** A copy that has no name yet. Its lock tells the sweeper that the writer lives. */
final class CopyInTheMaking implements AutoCloseable {
    /** Starts the names of this process's copies. */
    static final String OWN_PREFIX =
            StoreDirectory.COPY_PREFIX + ProcessHandle.current().pid() + "-";

    private static final Set<OpenOption> OPTIONS =
            PrivateFiles.set(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);

    private static final Set<String> CAN_SHARE_BLOCKS =
            Set.of("btrfs", "xfs", "bcachefs", "ocfs2", "zfs", "overlay", "nfs4");

    private final Path file;
    private final FileChannel channel;
    private final boolean shared;

    private CopyInTheMaking(Path file, FileChannel channel, boolean shared) {
        this.file = file;
        this.channel = channel;
        this.shared = shared;
    }

    /** To be called with the store's lock held, or a sweeper could come between creation and lock. */
    static CopyInTheMaking create(StoreDirectory directory, OpenImage image) throws IOException {
        Path file = directory.root().resolve(OWN_PREFIX + UUID.randomUUID());
        boolean shared = sharesBlocks(directory, image, file);
        FileChannel channel = FileChannel.open(file, OPTIONS, PrivateFiles.MODE_600);
        CopyInTheMaking copy = new CopyInTheMaking(file, channel, shared);
        try {
            channel.lock();
        } catch (IOException e) {
            copy.close();
            throw e;
        }
        return copy;
    }

    /** Before any lock is taken on the new file: closing a descriptor of it would drop that. */
    private static boolean sharesBlocks(StoreDirectory directory, OpenImage image, Path file) throws IOException {
        OptionalInt source = image.descriptor();
        return source.isPresent()
                && CAN_SHARE_BLOCKS.contains(
                        Files.getFileStore(directory.root()).type())
                && Kernel.cloned(source.getAsInt(), file);
    }

    /** Whether the copy took no room of its own when it was made. */
    boolean isShared() {
        return shared;
    }

    /** Copies exactly {@code size} bytes and hashes them on the way. What shares its blocks is hashed where it lies. */
    ContentDigest fill(ImageBytes image, long size) throws IOException {
        if (shared && channel.size() == size) {
            ContentDigest digest = ContentHash.of(ImageBytes.of(channel), size);
            channel.force(true);
            return digest;
        }
        channel.truncate(0);
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
