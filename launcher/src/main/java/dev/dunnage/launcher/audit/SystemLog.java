package dev.dunnage.launcher.audit;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import dev.dunnage.launcher.accounts.JnaLibrary;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * The system's log, be it journald or a syslog daemon: a datagram to its Unix socket in the form of RFC 3164, which all
 * of them read. Java has no such datagrams, hence the C library. Thread-safe.
 */
final class SystemLog {
    /** Where syslog(3) writes. */
    static final Path SOCKET = Path.of("/dev/log");

    private static final int FACILITY_AUTHPRIV = 10 << 3;
    private static final int WARNING = 4;
    private static final int INFO = 6;
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("MMM ppd HH:mm:ss", Locale.ROOT).withZone(ZoneId.systemDefault());

    private final Path socket;

    SystemLog(Path socket) {
        this.socket = socket;
    }

    /** Sends a line of ASCII. */
    void send(Instant time, boolean allowed, String line) throws AuditException {
        int priority = FACILITY_AUTHPRIV | (allowed ? INFO : WARNING);
        String text = "<" + priority + ">" + TIME.format(time) + " dunnage["
                + ProcessHandle.current().pid() + "]: audit " + line;
        try {
            int error = Datagram.send(socket, text.getBytes(StandardCharsets.US_ASCII));
            if (error != 0) {
                throw new AuditException("the system's log " + socket + " takes no record (errno " + error + ")");
            }
        } catch (LinkageError e) {
            throw new AuditException("the system's log cannot be reached: " + e.getMessage(), e);
        }
    }

    /** Calls of the C library; nothing outside loads a class of JNA, which costs the one-shot launcher its start. */
    private static final class Datagram {
        private static final int AF_UNIX = 1;
        private static final int SOCK_DGRAM = 2;
        private static final int SOCK_CLOEXEC = 0x80000;
        private static final int MSG_DONTWAIT = 0x40;
        private static final int MSG_NOSIGNAL = 0x4000;
        private static final int PATH_OFFSET = 2;
        private static final int PATH_SIZE = 108;

        static {
            JnaLibrary.prepare();
            Native.register("c");
        }

        private Datagram() {}

        private static native int socket(int domain, int type, int protocol) throws LastErrorException;

        private static native long sendto(
                int socket, Pointer bytes, long count, int flags, Pointer address, int addressLength)
                throws LastErrorException;

        private static native int close(int descriptor) throws LastErrorException;

        /** 0, or errno. */
        static int send(Path path, byte[] text) {
            byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
            try (Memory address = new Memory(PATH_OFFSET + PATH_SIZE);
                    Memory bytes = new Memory(text.length)) {
                address.clear();
                address.setShort(0, (short) AF_UNIX);
                address.write(PATH_OFFSET, name, 0, Math.min(name.length, PATH_SIZE - 1));
                bytes.write(0, text, 0, text.length);
                return send(address, bytes, text.length);
            } catch (LastErrorException e) {
                return e.getErrorCode();
            }
        }

        private static int send(Memory address, Memory bytes, int length) {
            int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
            try {
                // A log that is stuck must not stop steps.
                sendto(descriptor, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL, address, PATH_OFFSET + PATH_SIZE);
                return 0;
            } finally {
                close(descriptor);
            }
        }
    }
}
