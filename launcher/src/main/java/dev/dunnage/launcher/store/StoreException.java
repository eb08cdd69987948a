package dev.dunnage.launcher.store;

/** The image store cannot do its work; the message is one line with cause and remedy. */
public final class StoreException extends Exception {
    private static final long serialVersionUID = 1L;

    StoreException(String message) {
        super(message);
    }

    StoreException(String message, Throwable cause) {
        super(message, cause);
    }
}
