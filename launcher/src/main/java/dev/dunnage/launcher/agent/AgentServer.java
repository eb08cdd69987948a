package dev.dunnage.launcher.agent;

import dev.dunnage.launcher.Version;
import dev.dunnage.launcher.accounts.Accounts;
import dev.dunnage.launcher.accounts.SystemAccounts;
import dev.dunnage.launcher.audit.AuditTrail;
import dev.dunnage.launcher.plan.Rehearsal;
import dev.dunnage.launcher.plan.SiteFiles;
import dev.dunnage.launcher.plan.StepPlanner;
import dev.dunnage.launcher.store.ImageStore;
import dev.dunnage.launcher.store.StoreException;
import dev.dunnage.sif.integrity.ObjectHasher;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Listens and answers until it is stopped. Root's requests, which are those of the plugin, have their own workers, so that
 * users who connect themselves cannot hold up steps.
 */
public final class AgentServer implements AutoCloseable {
    private static final int ROOT_WORKERS = 32;
    private static final int USER_WORKERS = 2;
    private static final int QUEUE = 256;
    private static final Duration PEER_LIMIT = Duration.ofSeconds(10);
    private static final long PAUSE_AFTER_ERROR_MS = 100;
    private static final long LAST_ANSWERS_S = 5;

    private final Listener listener;
    private final Conversation conversation;
    private final Consumer<String> log;
    private final ThreadPoolExecutor rootWorkers = workers(ROOT_WORKERS);
    private final ThreadPoolExecutor userWorkers = workers(USER_WORKERS);

    private AgentServer(Listener listener, Conversation conversation, Consumer<String> log) {
        this.listener = listener;
        this.conversation = conversation;
        this.log = log;
    }

    /**
     * Starts listening; connections wait until {@link #serve}.
     *
     * @param socket path of the Unix socket, unless systemd handed one over
     * @param log gets one line for each decision and each broken conversation
     * @throws AgentException when the place is taken or unsafe
     * @throws StoreException when the image store cannot be used
     */
    public static AgentServer open(Path socket, SiteFiles site, ImageStore store, Clock clock, Consumer<String> log)
            throws IOException, AgentException, StoreException {
        return open(socket, site, store, clock, log, PEER_LIMIT);
    }

    static AgentServer open(
            Path socket, SiteFiles site, ImageStore store, Clock clock, Consumer<String> log, Duration peerLimit)
            throws IOException, AgentException, StoreException {
        store.sweep();
        Accounts accounts = new SystemAccounts(clock);
        AuditTrail audit = new AuditTrail(clock, log);
        StepPlanner planner = new StepPlanner(site, () -> store, accounts, audit::write, clock, log);
        Conversation conversation = new Conversation(planner, site, accounts, audit, Version.text(), log, peerLimit);
        AgentServer server = new AgentServer(Listener.open(socket), conversation, log);
        server.rootWorkers.execute(server::rehearse);
        return server;
    }

    private static ThreadPoolExecutor workers(int count) {
        ThreadPoolExecutor pool =
                new ThreadPoolExecutor(count, count, 60, TimeUnit.SECONDS, new ArrayBlockingQueue<>(QUEUE));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /** Answers until {@link #stop} is called. */
    public void serve() throws InterruptedException {
        serve(Optional.empty());
    }

    /**
     * Answers until {@link #stop} is called or nobody has asked for a while.
     *
     * @param idle how long nobody asks before this returns, at most 24 days; empty: for ever
     */
    public void serve(Optional<Duration> idle) throws InterruptedException {
        while (true) {
            try {
                Optional<Connection> connection = listener.accept(idle);
                if (connection.isEmpty() && !isBusy()) {
                    return;
                }
                connection.ifPresent(this::dispatch);
            } catch (IOException e) {
                log.accept(String.valueOf(e.getMessage()));
                Thread.sleep(PAUSE_AFTER_ERROR_MS); // out of descriptors: others have to end first
            }
        }
    }

    /** The first request finds its classes loaded, and its image is hashed at full speed. */
    private void rehearse() {
        try {
            Rehearsal.run();
            ObjectHasher.warmUp();
        } catch (IOException e) {
            log.accept("the first request will be slower: " + e.getMessage());
        }
    }

    private boolean isBusy() {
        return !listener.isStopped() && Stream.of(rootWorkers, userWorkers).anyMatch(pool -> pool.getActiveCount() > 0);
    }

    private void dispatch(Connection connection) {
        try {
            Peer peer = connection.peer();
            (peer.isRoot() ? rootWorkers : userWorkers).execute(() -> conversation.hold(connection, peer));
        } catch (RejectedExecutionException e) {
            log.accept("too many requests at once, one connection is closed unanswered");
            connection.close();
        } catch (IOException e) {
            log.accept(String.valueOf(e.getMessage()));
            connection.close();
        }
    }

    /** Ends {@link #serve} and removes the socket; callable from any thread. */
    public void stop() {
        listener.stop();
    }

    /** Stops, and gives running conversations a moment to end. */
    @Override
    public void close() {
        stop();
        rootWorkers.shutdown();
        userWorkers.shutdown();
        try {
            if (!rootWorkers.awaitTermination(LAST_ANSWERS_S, TimeUnit.SECONDS)) {
                log.accept("stopped in the middle of a conversation");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        listener.close();
    }
}
