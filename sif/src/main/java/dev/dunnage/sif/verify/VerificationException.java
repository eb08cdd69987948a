package dev.dunnage.sif.verify;

/** An image that did not verify: why, and what to do. */
public final class VerificationException extends Exception {
    private static final long serialVersionUID = 1L;

    VerificationException(String message) {
        super(message);
    }
}
