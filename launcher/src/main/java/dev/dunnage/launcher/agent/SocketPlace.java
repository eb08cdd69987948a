package dev.dunnage.launcher.agent;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The name of the socket, for one agent at a time. A lock beside it tells a living agent from a socket that a killed one
 * left.
 */
final class SocketPlace implements AutoCloseable {
    private static final int SOCKET = 0140000;
    private static final int TYPE_MASK = 0170000;
    private static final int OTHERS_WRITE = 022;

    private final Path socket;
    private final FileChannel lock;

    private SocketPlace(Path socket, FileChannel lock) {
        this.socket = socket;
        this.lock = lock;
    }

    static SocketPlace take(Path socket) throws IOException, AgentException {
        checkDirectory(socket);
        FileChannel lock = FileChannel.open(
                socket.resolveSibling(socket.getFileName() + ".lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        try {
            if (!isFree(lock)) {
                throw new AgentException("another agent serves " + socket + "; stop that one first");
            }
            removeStale(socket);
            return new SocketPlace(socket, lock);
        } catch (IOException | AgentException e) {
            lock.close();
            throw e;
        }
    }

    private static void checkDirectory(Path socket) throws IOException, AgentException {
        Path directory = socket.toAbsolutePath().getParent();
        if (directory == null) {
            throw new AgentException("socket path " + socket + " has no directory");
        }
        if (!Files.isDirectory(directory)) {
            try {
                Files.createDirectory(
                        directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
            } catch (IOException e) {
                throw new AgentException("cannot create " + directory + " (" + e + "); let systemd make it by"
                        + " RuntimeDirectory=, or: install -d -o dunnage -g dunnage -m 0755 " + directory);
            }
        }
        int mode = (Integer) Files.getAttribute(directory, "unix:mode");
        if ((mode & OTHERS_WRITE) != 0) {
            throw new AgentException(directory + " can be written by other accounts, which could put their own socket"
                    + " there; chmod go-w it");
        }
    }

    private static boolean isFree(FileChannel lock) throws IOException {
        try {
            return lock.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    private static void removeStale(Path socket) throws IOException, AgentException {
        if (Files.notExists(socket, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        int mode = (Integer) Files.getAttribute(socket, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        if ((mode & TYPE_MASK) != SOCKET) {
            throw new AgentException(socket + " exists and is no socket; remove it or choose another path");
        }
        Files.delete(socket);
    }

    /** Removes the socket's name, so that nobody connects any more. */
    void remove() {
        try {
            Files.deleteIfExists(socket);
        } catch (IOException e) {
            // The next agent removes it.
        }
    }

    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            // The kernel frees the lock with the process.
        }
    }
}
