package dev.dunnage.launcher.cache;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import dev.dunnage.launcher.accounts.JnaLibrary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * A lock of flock(2). Java's own locks are of another kind, which a native program that shares an image in use cannot hold for it.
 * On NFS the kernel keeps it at the server, so that it counts for all nodes.
 */
final class Flock implements AutoCloseable {
    private static final int O_RDWR = 2;
    private static final int O_CREAT = 0100;
    private static final int O_CLOEXEC = 02000000;
    private static final int LOCK_EX = 2;
    private static final int LOCK_NB = 4;
    private static final int EINTR = 4;
    private static final int EWOULDBLOCK = 11;
    private static final int MODE = 0644;

    private final int descriptor;

    private Flock(int descriptor) {
        this.descriptor = descriptor;
    }

    /** The system's functions. */
    private static final class Libc {
        static {
            JnaLibrary.prepare();
            Native.register("c");
        }

        static native int open(String path, int flags, int mode) throws LastErrorException;

        static native int flock(int descriptor, int operation) throws LastErrorException;

        static native int close(int descriptor) throws LastErrorException;
    }

    /** The lock on a file that is made when it is not there; empty when somebody else holds it. */
    static Optional<Flock> tryLock(Path file) throws IOException {
        return take(file, O_RDWR | O_CREAT | O_CLOEXEC, LOCK_EX | LOCK_NB);
    }

    /** The lock on a file that is there; empty when somebody else holds a lock on it, also a shared one. */
    static Optional<Flock> tryLockExisting(Path file) throws IOException {
        return take(file, O_RDWR | O_CLOEXEC, LOCK_EX | LOCK_NB);
    }

    /** Waits for the lock. */
    static Flock lock(Path file) throws IOException {
        return take(file, O_RDWR | O_CREAT | O_CLOEXEC, LOCK_EX).orElseThrow();
    }

    private static Optional<Flock> take(Path file, int flags, int operation) throws IOException {
        int descriptor;
        try {
            descriptor = Libc.open(file.toString(), flags, MODE);
        } catch (LastErrorException e) {
            throw new CacheException("cannot open " + file + " (errno " + e.getErrorCode()
                    + "); see that the directory is yours, or name another with DUNNAGE_CACHEDIR");
        }
        for (; ; ) {
            try {
                Libc.flock(descriptor, operation);
                return Optional.of(new Flock(descriptor));
            } catch (LastErrorException e) {
                if (e.getErrorCode() == EINTR) {
                    continue;
                }
                Libc.close(descriptor);
                if (e.getErrorCode() == EWOULDBLOCK) {
                    return Optional.empty();
                }
                throw new CacheException("the file system of " + file + " gives no locks (errno " + e.getErrorCode()
                        + "); name another directory with DUNNAGE_CACHEDIR, or ask the site to mount it with flock");
            }
        }
    }

    /** Leaves a note for those who wait. */
    static void note(Path file, String text) throws IOException {
        Files.write(file, text.getBytes(StandardCharsets.UTF_8), StandardOpenOption.TRUNCATE_EXISTING);
    }

    @Override
    public void close() {
        Libc.close(descriptor);
    }
}
