package dev.dunnage.sif.squashfs;

import java.io.IOException;

/** The file system is damaged, or of a kind that is not read; one line. */
public final class SquashfsException extends IOException {
    private static final long serialVersionUID = 1L;

    /** One line: what is wrong. */
    public SquashfsException(String message) {
        super(message);
    }

    SquashfsException(String message, Exception cause) {
        super(message, cause);
    }
}
