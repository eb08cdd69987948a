package dev.dunnage.launcher.keyserver;

/** A key server that cannot be used; the message is one line with cause and remedy. */
public final class KeyServerException extends Exception {
    private static final long serialVersionUID = 1L;

    KeyServerException(String message) {
        super(message);
    }

    KeyServerException(String message, Throwable cause) {
        super(message, cause);
    }
}
