package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.keyserver.Progress;
import java.io.PrintWriter;

/** Shows on one line of a terminal how far an exchange with a server is, and leaves nothing behind. */
final class TransferProgress implements Progress, AutoCloseable {
    private static final String ERASE = "\r\033[K";

    private final PrintWriter terminal;
    private final boolean shown;
    private long lastBytes = -1;

    /**
     * Writes nothing yet.
     *
     * @param shown false: nothing is ever written, for files and pipes
     */
    TransferProgress(PrintWriter terminal, boolean shown) {
        this.terminal = terminal;
        this.shown = shown;
    }

    /** On standard error, if somebody sits there. */
    static TransferProgress on(PrintWriter terminal) {
        return new TransferProgress(terminal, Passphrase.terminal().isPresent());
    }

    @Override
    public synchronized void at(String host, long bytes) {
        if (shown && bytes != lastBytes) {
            lastBytes = bytes;
            terminal.print(ERASE + "asking " + host + (bytes == 0 ? " ..." : ", got " + amount(bytes)));
            terminal.flush();
        }
    }

    private static String amount(long bytes) {
        return bytes < 1024 ? bytes + " bytes" : bytes / 1024 + " KiB";
    }

    @Override
    public synchronized void close() {
        if (shown && lastBytes >= 0) {
            terminal.print(ERASE);
            terminal.flush();
        }
    }
}
