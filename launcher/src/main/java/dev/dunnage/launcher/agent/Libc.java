package dev.dunnage.launcher.agent;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;

/** System calls that Java lacks, and their constants on Linux. All throw {@link LastErrorException} with errno. */
final class Libc {
    static final int AF_UNIX = 1;
    static final int SOCK_STREAM = 1;
    static final int SOCK_CLOEXEC = 0x80000;
    static final int SOL_SOCKET = 1;
    static final int SO_SNDTIMEO = 21;
    static final int SO_PEERCRED = 17;
    static final int SO_PEERGROUPS = 59;
    static final int SCM_RIGHTS = 1;
    static final int MSG_CTRUNC = 0x8;
    static final int MSG_NOSIGNAL = 0x4000;
    static final int MSG_CMSG_CLOEXEC = 0x40000000;
    static final int F_SETFD = 2;
    static final int FD_CLOEXEC = 1;
    static final short POLLIN = 1;

    static final int EINTR = 4;

    static {
        Native.register("c");
    }

    private Libc() {}

    static native int socket(int domain, int type, int protocol) throws LastErrorException;

    static native int bind(int socket, Pointer address, int length) throws LastErrorException;

    static native int listen(int socket, int backlog) throws LastErrorException;

    static native int accept4(int socket, @Nullable Pointer address, @Nullable Pointer length, int flags)
            throws LastErrorException;

    static native int pipe2(Pointer ends, int flags) throws LastErrorException;

    static native long write(int descriptor, Pointer bytes, long count) throws LastErrorException;

    static native int getsockopt(int socket, int level, int name, Pointer value, Pointer length)
            throws LastErrorException;

    static native int setsockopt(int socket, int level, int name, Pointer value, int length) throws LastErrorException;

    static native int poll(Pointer entries, long count, int milliseconds) throws LastErrorException;

    static native long recvmsg(int socket, Pointer message, int flags) throws LastErrorException;

    static native long send(int socket, Pointer bytes, long count, int flags) throws LastErrorException;

    static native long pread(int descriptor, Pointer bytes, long count, long offset) throws LastErrorException;

    static native int fcntl(int descriptor, int command, int argument) throws LastErrorException;

    static native int close(int descriptor) throws LastErrorException;
}
