package dev.dunnage.sif.key;

/** A secret key that cannot be read, unlocked or used: why, and what to do. */
public final class SecretKeyException extends Exception {
    private static final long serialVersionUID = 1L;

    SecretKeyException(String message) {
        super(message);
    }

    SecretKeyException(String message, Throwable cause) {
        super(message, cause);
    }
}
