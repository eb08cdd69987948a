package dev.dunnage.launcher.cli;

/** Ends a command with an exit status and one line: cause and remedy. */
final class CommandFailure extends Exception {
    private static final long serialVersionUID = 1L;

    private final int exitStatus;

    CommandFailure(int exitStatus, String message) {
        super(message);
        this.exitStatus = exitStatus;
    }

    int exitStatus() {
        return exitStatus;
    }
}
