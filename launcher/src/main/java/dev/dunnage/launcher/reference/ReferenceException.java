package dev.dunnage.launcher.reference;

/** A text that names no image; the message is one line with cause and remedy. */
public final class ReferenceException extends Exception {
    private static final long serialVersionUID = 1L;

    ReferenceException(String message) {
        super(message);
    }
}
