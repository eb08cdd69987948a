package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.web.Meter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.LongSupplier;

/** A transfer on one line of a terminal: part, bytes, rate and time that is left. Nothing is written into files and pipes. */
final class ProgressBar implements Meter, AutoCloseable {
    private static final String ERASE = "\r\033[K";
    private static final Path STANDARD_ERROR = Path.of("/proc/self/fd/2");
    private static final long PACE = 200_000_000L;
    private static final double SECOND = 1e9;
    private static final int WIDTH = 24;

    private final PrintWriter terminal;
    private final boolean shown;
    private final LongSupplier clock;
    private final long start;
    private long expected;
    private long done;
    private long last;

    /**
     * Writes nothing yet.
     *
     * @param shown false: nothing is ever written
     * @param clock nanoseconds
     */
    ProgressBar(PrintWriter terminal, boolean shown, LongSupplier clock) {
        this.terminal = terminal;
        this.shown = shown;
        this.clock = clock;
        this.start = clock.getAsLong();
        this.last = start - PACE;
    }

    /** On standard error, if that is a terminal. */
    static ProgressBar on(PrintWriter terminal, boolean quiet) {
        return new ProgressBar(terminal, !quiet && isTerminal(), System::nanoTime);
    }

    /** Java's own console wants both input and output to be one. */
    private static boolean isTerminal() {
        try {
            String name = Files.readSymbolicLink(STANDARD_ERROR).toString();
            return name.startsWith("/dev/pts/") || name.startsWith("/dev/tty");
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    @Override
    public synchronized void expect(long bytes) {
        expected += bytes;
    }

    @Override
    public synchronized void add(long bytes) {
        done += bytes;
        long now = clock.getAsLong();
        if (shown && now - last >= PACE) {
            last = now;
            terminal.print(ERASE + line(now));
            terminal.flush();
        }
    }

    private String line(long now) {
        double seconds = Math.max(now - start, 1) / SECOND;
        double rate = done / seconds;
        if (expected < done || expected == 0) {
            return size(done) + "  " + size((long) rate) + "/s";
        }
        int filled = (int) (WIDTH * done / Math.max(expected, 1));
        long left = rate > 0 ? (long) ((expected - done) / rate) : 0;
        return "[" + "#".repeat(filled) + " ".repeat(WIDTH - filled) + "] " + 100 * done / expected + " %  "
                + size(done) + " of " + size(expected) + "  " + size((long) rate) + "/s  " + time(left) + " left";
    }

    static String time(long seconds) {
        return seconds < 3600
                ? "%d:%02d".formatted(seconds / 60, seconds % 60)
                : "%d:%02d:%02d".formatted(seconds / 3600, seconds / 60 % 60, seconds % 60);
    }

    static String size(long bytes) {
        if (bytes < 1024) {
            return bytes + " bytes";
        }
        double value = bytes;
        int unit = -1;
        while (value >= 1024 && unit < 3) {
            value /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f %s", value, new String[] {"KiB", "MiB", "GiB", "TiB"}[unit]);
    }

    /** A line of its own, above the bar. */
    synchronized void tell(String text) {
        terminal.println((shown && done > 0 ? ERASE : "") + "dunnage: " + text);
        terminal.flush();
    }

    @Override
    public synchronized void close() {
        if (shown && last >= start) {
            terminal.print(ERASE);
            terminal.flush();
        }
    }
}
