package dev.dunnage.launcher.audit;

/** A record could not be written; the message is one line with the cause. */
public final class AuditException extends Exception {
    private static final long serialVersionUID = 1L;

    AuditException(String message) {
        super(message);
    }

    AuditException(String message, Throwable cause) {
        super(message, cause);
    }
}
