package dev.dunnage.launcher.store;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import dev.dunnage.launcher.accounts.JnaLibrary;
import java.nio.file.Path;

/** What Linux can do with files and Java cannot. Loaded when it is needed: it costs a one-shot launcher its start. */
final class Kernel {
    private static final int O_RDONLY = 0;
    private static final int O_WRONLY = 1;
    private static final int O_CREAT = 0100;
    private static final int O_EXCL = 0200;
    private static final int O_CLOEXEC = 02000000;
    private static final int LOCK_EX = 2;
    private static final int LOCK_NB = 4;
    private static final int EWOULDBLOCK = 11;
    private static final long FICLONE = 0x40049409L;
    private static final int MODE_600 = 0600;

    static {
        JnaLibrary.prepare();
        Native.register("c");
    }

    private Kernel() {}

    private static native int open(String path, int flags, int mode) throws LastErrorException;

    private static native int flock(int descriptor, int operation) throws LastErrorException;

    private static native int ioctl(int descriptor, long request, int argument) throws LastErrorException;

    private static native int close(int descriptor) throws LastErrorException;

    /** Whether somebody holds a lock of flock(2) on a file, as the plugin does on each copy that it mounts. */
    static boolean isLocked(Path file) {
        int descriptor;
        try {
            descriptor = open(file.toString(), O_RDONLY | O_CLOEXEC, 0);
        } catch (LastErrorException e) {
            return false; // gone
        }
        try {
            flock(descriptor, LOCK_EX | LOCK_NB);
            return false;
        } catch (LastErrorException e) {
            return e.getErrorCode() == EWOULDBLOCK;
        } finally {
            close(descriptor);
        }
    }

    /**
     * Makes a new file that shares the blocks of an open one until either is written to.
     *
     * @return false when the file systems cannot do that; the new file may be there and empty then
     */
    static boolean cloned(int source, Path target) {
        int descriptor;
        try {
            descriptor = open(target.toString(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, MODE_600);
        } catch (LastErrorException e) {
            return false; // the copy by other means tells why
        }
        try {
            ioctl(descriptor, FICLONE, source);
            return true;
        } catch (LastErrorException e) {
            return false;
        } finally {
            close(descriptor);
        }
    }
}
