package dev.dunnage.launcher.agent;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The other end of the agent's socket, as the C side has it: sends descriptors with the first byte. */
final class Plugin implements AutoCloseable {
    private static final int O_RDONLY = 0;
    private static final int ADDRESS_SIZE = 110;

    static {
        Native.register("c");
    }

    private final int socket;

    Plugin(Path path) {
        socket = Libc.socket(Libc.AF_UNIX, Libc.SOCK_STREAM | Libc.SOCK_CLOEXEC, 0);
        byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
        try (Memory address = new Memory(ADDRESS_SIZE)) {
            address.clear();
            address.setShort(0, (short) Libc.AF_UNIX);
            address.write(2, name, 0, name.length);
            connect(socket, address, ADDRESS_SIZE);
        }
    }

    private static native int connect(int socket, Pointer address, int length) throws LastErrorException;

    private static native long sendmsg(int socket, Pointer message, int flags) throws LastErrorException;

    private static native long recv(int socket, Pointer bytes, long count, int flags) throws LastErrorException;

    private static native int open(String path, int flags) throws LastErrorException;

    /** Sends bytes and the same file opened so many times. */
    Plugin send(byte[] bytes, Path file, int descriptors) {
        int[] opened = new int[descriptors];
        for (int at = 0; at < descriptors; at++) {
            opened[at] = open(file.toString(), O_RDONLY);
        }
        try (Memory data = new Memory(bytes.length);
                Memory control = new Memory(16 + 4L * Math.max(1, descriptors) + 4)) {
            data.write(0, bytes, 0, bytes.length);
            control.clear();
            control.setLong(0, 16 + 4L * descriptors);
            control.setInt(8, Libc.SOL_SOCKET);
            control.setInt(12, Libc.SCM_RIGHTS);
            for (int at = 0; at < descriptors; at++) {
                control.setInt(16 + 4L * at, opened[at]);
            }
            send(data, bytes.length, control, 16 + 4L * descriptors);
        } finally {
            for (int descriptor : opened) {
                Libc.close(descriptor);
            }
        }
        return this;
    }

    private void send(Memory data, int length, Memory control, long controlLength) {
        try (Memory header = new Memory(56);
                Memory iov = new Memory(16)) {
            header.clear();
            iov.setPointer(0, data);
            iov.setLong(8, length);
            header.setPointer(16, iov);
            header.setLong(24, 1);
            if (controlLength > 16) {
                header.setPointer(32, control);
                header.setLong(40, controlLength);
            }
            sendmsg(socket, header, Libc.MSG_NOSIGNAL);
        }
    }

    /** Everything up to the end of the conversation. */
    byte[] answer() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try (Memory bytes = new Memory(65536)) {
            for (long count = recv(socket, bytes, bytes.size(), 0); count > 0; ) {
                all.writeBytes(bytes.getByteArray(0, (int) count));
                count = recv(socket, bytes, bytes.size(), 0);
            }
        } catch (LastErrorException e) {
            // A reset: what came so far is all there is.
        }
        return all.toByteArray();
    }

    @Override
    public void close() {
        Libc.close(socket);
    }
}
