package dev.dunnage.sif.integrity;

/** A signed text that is not a message this version understands. */
public final class MessageException extends Exception {
    private static final long serialVersionUID = 1L;

    MessageException(String message) {
        super(message);
    }
}
