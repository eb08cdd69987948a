package dev.dunnage.mpi.bind;

/** The image cannot have the machine's libraries; the message says why and what to do. */
public final class BindException extends Exception {
    private static final long serialVersionUID = 1L;

    BindException(String message) {
        super(message);
    }
}
