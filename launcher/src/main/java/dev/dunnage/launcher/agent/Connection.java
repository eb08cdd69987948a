package dev.dunnage.launcher.agent;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import dev.dunnage.launcher.stream.BlockStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One accepted connection. Reading collects the descriptors that come along; all of them, however many, are closed with
 * the connection. Not thread-safe.
 */
final class Connection implements AutoCloseable {
    private static final int BUFFER = 1 << 16;
    /** Room for far more than the one descriptor that is allowed; the kernel drops what does not fit. */
    private static final int CONTROL = 4096;

    private static final int TIMEVAL_SIZE = 16;
    private static final int POLLFD_SIZE = 8;

    private final Descriptor socket;
    private final List<Descriptor> received = new ArrayList<>();

    Connection(Descriptor socket) {
        this.socket = socket;
    }

    Peer peer() throws IOException {
        return Peer.of(socket);
    }

    /** Descriptors that came so far. */
    List<Descriptor> received() {
        return List.copyOf(received);
    }

    /** What the peer sends, for no longer than the time limit counted from now. */
    InputStream input(Duration limit) {
        long end = System.nanoTime() + limit.toNanos();
        return new BlockStream() {
            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                return length == 0 ? 0 : receive(bytes, offset, length, end);
            }
        };
    }

    private int receive(byte[] bytes, int offset, int length, long end) throws IOException {
        int wanted = Math.min(length, BUFFER);
        try (Memory data = new Memory(wanted);
                Memory control = new Memory(CONTROL);
                MessageHeader header = new MessageHeader(data, wanted, control)) {
            while (true) {
                waitForInput(end);
                try {
                    int count = (int) Libc.recvmsg(socket.number(), header.pointer(), Libc.MSG_CMSG_CLOEXEC);
                    received.addAll(header.descriptors());
                    if (header.isControlCut()) {
                        throw new IOException("the peer sent more descriptors than fit");
                    }
                    data.read(0, bytes, offset, count);
                    return count == 0 ? -1 : count;
                } catch (LastErrorException e) {
                    passInterruption(e);
                }
            }
        }
    }

    private void waitForInput(long end) throws IOException {
        try (Memory entry = new Memory(POLLFD_SIZE)) {
            while (true) {
                long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                if (left <= 0) {
                    throw new SocketTimeoutException("the request did not arrive in time");
                }
                entry.setInt(0, socket.number());
                entry.setShort(4, Libc.POLLIN);
                entry.setShort(6, (short) 0);
                try {
                    if (Libc.poll(entry, 1, (int) left) > 0) {
                        return;
                    }
                } catch (LastErrorException e) {
                    passInterruption(e);
                }
            }
        }
    }

    /** Sends all bytes; a peer that does not take them within the limit loses the rest. */
    void send(byte[] bytes, Duration limit) throws IOException {
        limitSending(limit);
        try (Memory data = new Memory(bytes.length)) {
            data.write(0, bytes, 0, bytes.length);
            long sent = 0;
            while (sent < bytes.length) {
                sent += sendSome(data.share(sent), bytes.length - sent);
            }
        }
    }

    private long sendSome(Pointer bytes, long count) throws IOException {
        try {
            return Libc.send(socket.number(), bytes, count, Libc.MSG_NOSIGNAL);
        } catch (LastErrorException e) {
            passInterruption(e);
            return 0;
        }
    }

    private void limitSending(Duration limit) throws IOException {
        try (Memory time = new Memory(TIMEVAL_SIZE)) {
            time.setLong(0, limit.toSeconds());
            time.setLong(8, 0);
            Libc.setsockopt(socket.number(), Libc.SOL_SOCKET, Libc.SO_SNDTIMEO, time, TIMEVAL_SIZE);
        } catch (LastErrorException e) {
            throw new IOException("no time limit for sending: " + e.getMessage(), e);
        }
    }

    private static void passInterruption(LastErrorException e) throws IOException {
        if (e.getErrorCode() != Libc.EINTR) {
            throw new IOException("connection broken: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        received.forEach(Descriptor::close);
        socket.close();
    }
}
