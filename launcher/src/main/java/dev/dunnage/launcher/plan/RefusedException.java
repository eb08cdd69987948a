package dev.dunnage.launcher.plan;

import dev.dunnage.launcher.wire.Code;
import dev.dunnage.launcher.wire.Refusal;

/** Ends the making of a plan; the message is one line with cause and remedy. */
public final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Code code;

    RefusedException(Code code, String message) {
        super(message);
        this.code = code;
    }

    RefusedException(Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /** Why, for exit statuses. */
    public Code code() {
        return code;
    }

    /** The same as an answer. */
    public Refusal refusal() {
        return Refusal.line(code, String.valueOf(getMessage()));
    }
}
