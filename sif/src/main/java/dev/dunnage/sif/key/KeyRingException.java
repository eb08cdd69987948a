package dev.dunnage.sif.key;

/** A key ring that cannot be used: which file, why, and what to do. */
public final class KeyRingException extends Exception {
    private static final long serialVersionUID = 1L;

    KeyRingException(String message) {
        super(message);
    }

    KeyRingException(String message, Throwable cause) {
        super(message, cause);
    }
}
