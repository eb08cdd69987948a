package dev.dunnage.launcher.web;

/** What came is not what was asked for: it must be thrown away, and asking again does not help. */
public final class DigestMismatchException extends WebException {
    private static final long serialVersionUID = 1L;

    DigestMismatchException(String message) {
        super(message);
    }
}
