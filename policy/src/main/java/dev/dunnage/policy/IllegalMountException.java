package dev.dunnage.policy;

/** A mount text that means nothing usable; the message is one line with cause and remedy. */
public final class IllegalMountException extends Exception {
    private static final long serialVersionUID = 1L;

    IllegalMountException(String message) {
        super(OneLine.of(message));
    }
}
