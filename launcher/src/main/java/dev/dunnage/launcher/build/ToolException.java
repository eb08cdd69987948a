package dev.dunnage.launcher.build;

/** An external program is missing or failed; the message is one line with cause and remedy. */
public final class ToolException extends Exception {
    private static final long serialVersionUID = 1L;

    ToolException(String message) {
        super(message);
    }
}
