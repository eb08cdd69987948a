package dev.dunnage.launcher.audit;

import dev.dunnage.policy.AuditSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Writes records where the site wants them. Thread-safe. */
public final class AuditTrail {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final int WHOLE = 8192;
    private static final int SHORT = 600;

    private final Clock clock;
    private final Consumer<String> log;
    private final Path socket;
    private final SystemLog systemLog;
    private Optional<Place> place = Optional.empty();
    private Optional<String> trouble = Optional.empty();
    private final Map<String, Instant> complaints = new HashMap<>();

    private record Place(AuditSettings settings, AuditFile file) {}

    /**
     * Opens nothing yet. A process wants one of these only: the file is locked against other processes.
     *
     * @param log is told when records are lost, once a minute
     */
    public AuditTrail(Clock clock, Consumer<String> log) {
        this(clock, log, SystemLog.SOCKET);
    }

    AuditTrail(Clock clock, Consumer<String> log, Path socket) {
        this.clock = clock;
        this.log = log;
        this.socket = socket;
        this.systemLog = new SystemLog(socket);
    }

    /**
     * Writes a record to the file, and to the system's log where there is one.
     *
     * @throws AuditException when the file does not take it; the system's log has it then, if that works
     */
    public void write(AuditSettings settings, AuditRecord record) throws AuditException {
        if (settings.syslog() && Files.exists(socket)) {
            try {
                systemLog.send(record.time(), record.verdict().equals("allow"), record.json(SHORT));
            } catch (AuditException e) {
                complain(e); // the file is what counts
            }
        }
        append(settings, record.json(WHOLE));
    }

    private synchronized void append(AuditSettings settings, String line) throws AuditException {
        try {
            file(settings).append(line);
            trouble = Optional.empty();
        } catch (AuditException e) {
            trouble = Optional.of(String.valueOf(e.getMessage()));
            complain(e);
            throw e;
        }
    }

    private AuditFile file(AuditSettings settings) {
        if (place.filter(known -> known.settings().equals(settings)).isEmpty()) {
            AuditFile file = new AuditFile(settings.file(), settings.fileSize(), settings.files());
            place = Optional.of(new Place(settings, file));
        }
        return place.orElseThrow().file();
    }

    private synchronized void complain(AuditException e) {
        String line = String.valueOf(e.getMessage());
        Instant now = clock.instant();
        complaints.values().removeIf(last -> last.plus(PATIENCE).isBefore(now));
        if (complaints.putIfAbsent(line, now) == null) {
            log.accept("DECISIONS ARE NOT FULLY RECORDED: " + line);
        }
    }

    /** Why the latest record is not in the file. */
    public synchronized Optional<String> trouble() {
        return trouble;
    }
}
