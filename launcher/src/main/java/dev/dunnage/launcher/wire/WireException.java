package dev.dunnage.launcher.wire;

/** A frame that {@code native/WIRE.md} does not allow. The message is one line and names the rule that was broken. */
public final class WireException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Describes the broken rule. */
    public WireException(String message) {
        super(message);
    }
}
