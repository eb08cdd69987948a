package dev.dunnage.launcher.hints;

/** An object of launch hints that cannot be used. */
public final class HintsException extends Exception {
    private static final long serialVersionUID = 1L;

    /** The message completes "launch hints: ...". */
    public HintsException(String message) {
        super(message);
    }
}
