package dev.dunnage.launcher.agent;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import java.io.IOException;

/** A pipe that wakes a thread which waits for a socket. Shutting the socket down instead would break systemd's own. */
final class Wakeup implements AutoCloseable {
    private static final int O_CLOEXEC = 0x80000;
    private static final int POLLFD_SIZE = 8;

    private final Descriptor reader;
    private final Descriptor writer;

    Wakeup() {
        try (Memory ends = new Memory(2L * Integer.BYTES)) {
            Libc.pipe2(ends, O_CLOEXEC);
            reader = new Descriptor(ends.getInt(0));
            writer = new Descriptor(ends.getInt(Integer.BYTES));
        }
    }

    /**
     * Returns when the socket has something to read, or {@link #wake} was called.
     *
     * @param patienceMs longest wait in milliseconds, -1 for no limit
     * @return false when the time was up
     */
    boolean await(Descriptor socket, int patienceMs) throws IOException {
        try (Memory entries = new Memory(2L * POLLFD_SIZE)) {
            entries.clear();
            entries.setInt(0, socket.number());
            entries.setShort(4, Libc.POLLIN);
            entries.setInt(POLLFD_SIZE, reader.number());
            entries.setShort(POLLFD_SIZE + 4, Libc.POLLIN);
            return isReady(entries, patienceMs);
        }
    }

    private static boolean isReady(Memory entries, int patienceMs) throws IOException {
        while (true) {
            try {
                return Libc.poll(entries, 2, patienceMs) > 0;
            } catch (LastErrorException e) {
                if (e.getErrorCode() != Libc.EINTR) {
                    throw new IOException("cannot wait for connections: " + e.getMessage(), e);
                }
            }
        }
    }

    /** From any thread, once is enough. */
    void wake() {
        try (Memory one = new Memory(1)) {
            Libc.write(writer.number(), one, 1);
        } catch (LastErrorException | IOException e) {
            // Closed: nobody waits any more.
        }
    }

    @Override
    public void close() {
        reader.close();
        writer.close();
    }
}
