package dev.dunnage.launcher.keys;

/** A file or text that holds no usable key; the message is one line with cause and remedy. */
public final class KeyFileException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Names file, cause and remedy. */
    public KeyFileException(String message) {
        super(message);
    }
}
