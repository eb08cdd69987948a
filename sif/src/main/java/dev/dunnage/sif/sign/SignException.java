package dev.dunnage.sif.sign;

/** An image that cannot be signed: why, and what to do. */
public final class SignException extends Exception {
    private static final long serialVersionUID = 1L;

    SignException(String message) {
        super(message);
    }
}
