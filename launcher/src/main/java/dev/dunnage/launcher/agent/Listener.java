package dev.dunnage.launcher.agent;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;

/** The listening socket: made here, or handed over by systemd. */
final class Listener implements AutoCloseable {
    /** First descriptor of systemd's socket activation, sd_listen_fds(3). */
    private static final int SYSTEMD_DESCRIPTOR = 3;

    private static final int BACKLOG = 128;
    private static final int ADDRESS_SIZE = 110;
    private static final int PATH_LIMIT = 107;

    private final Descriptor socket;
    private final Optional<SocketPlace> place;
    private final Wakeup wakeup = new Wakeup();
    private volatile boolean stopped;

    private Listener(Descriptor socket, Optional<SocketPlace> place) {
        this.socket = socket;
        this.place = place;
    }

    /** The socket of systemd if it left one for this process, else a new one at the path. */
    static Listener open(Path path) throws IOException, AgentException {
        if (isActivated()) {
            Libc.fcntl(SYSTEMD_DESCRIPTOR, Libc.F_SETFD, Libc.FD_CLOEXEC);
            return new Listener(new Descriptor(SYSTEMD_DESCRIPTOR), Optional.empty());
        }
        SocketPlace place = SocketPlace.take(path);
        try {
            return new Listener(bind(path), Optional.of(place));
        } catch (IOException | AgentException e) {
            place.close();
            throw e;
        }
    }

    private static boolean isActivated() throws AgentException {
        String pid = System.getenv("LISTEN_PID");
        if (pid == null || !pid.equals(Long.toString(ProcessHandle.current().pid()))) {
            return false;
        }
        if (!"1".equals(System.getenv("LISTEN_FDS"))) {
            throw new AgentException("systemd handed over " + System.getenv("LISTEN_FDS")
                    + " sockets; name one ListenStream= in the agent's socket unit");
        }
        return true;
    }

    private static Descriptor bind(Path path) throws IOException, AgentException {
        byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
        if (name.length > PATH_LIMIT) {
            throw new AgentException("socket path " + path + " is longer than " + PATH_LIMIT + " bytes; shorten it");
        }
        Descriptor socket = new Descriptor(Libc.socket(Libc.AF_UNIX, Libc.SOCK_STREAM | Libc.SOCK_CLOEXEC, 0));
        try (Memory address = new Memory(ADDRESS_SIZE)) {
            address.clear();
            address.setShort(0, (short) Libc.AF_UNIX);
            address.write(2, name, 0, name.length);
            Libc.bind(socket.number(), address, ADDRESS_SIZE);
            // Everybody may connect: who asks is told by the kernel.
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw-rw-"));
            Libc.listen(socket.number(), BACKLOG);
            return socket;
        } catch (LastErrorException e) {
            socket.close();
            throw new AgentException(
                    "cannot listen at " + path + ": " + e.getMessage() + "; check the directory's owner and mode");
        }
    }

    /**
     * Waits for the next connection; empty when the listener was stopped, or nobody came in time.
     *
     * @param patience longest wait, at most 24 days; empty: no limit
     */
    Optional<Connection> accept(Optional<Duration> patience) throws IOException {
        try {
            boolean ready = wakeup.await(
                    socket, patience.map(wait -> (int) wait.toMillis()).orElse(-1));
            if (stopped || !ready) {
                return Optional.empty();
            }
            int connected = Libc.accept4(socket.number(), null, null, Libc.SOCK_CLOEXEC);
            return Optional.of(new Connection(new Descriptor(connected)));
        } catch (IOException e) {
            if (stopped) {
                return Optional.empty(); // closed meanwhile
            }
            throw e;
        } catch (LastErrorException e) {
            throw new IOException("cannot accept: " + e.getMessage(), e);
        }
    }

    boolean isStopped() {
        return stopped;
    }

    /** Wakes and ends {@link #accept}, from any thread. */
    void stop() {
        stopped = true;
        place.ifPresent(SocketPlace::remove);
        wakeup.wake();
    }

    @Override
    public void close() {
        place.ifPresent(SocketPlace::remove);
        socket.close();
        wakeup.close();
        place.ifPresent(SocketPlace::close);
    }
}
