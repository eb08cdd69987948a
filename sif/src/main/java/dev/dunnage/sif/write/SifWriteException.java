package dev.dunnage.sif.write;

/** An image that cannot be made from what was given: why, and what to do. */
public final class SifWriteException extends Exception {
    private static final long serialVersionUID = 1L;

    SifWriteException(String message) {
        super(message);
    }

    SifWriteException(String message, Throwable cause) {
        super(message, cause);
    }
}
