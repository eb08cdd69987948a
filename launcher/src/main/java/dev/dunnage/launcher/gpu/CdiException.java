package dev.dunnage.launcher.gpu;

import java.io.Serial;

/** A description of devices that cannot be used; the message is one line with cause and remedy. */
public final class CdiException extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    CdiException(String message) {
        super(message);
    }

    CdiException(String message, Throwable cause) {
        super(message, cause);
    }
}
