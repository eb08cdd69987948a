package dev.dunnage.launcher.pull;

import dev.dunnage.launcher.reference.ImageReference;
import java.io.IOException;

/** An image that did not come; the message names the reference, the step that failed, what the server said, and what to do. */
public final class PullException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes it.
     *
     * @param message one line, without secrets
     */
    public PullException(ImageReference reference, String message, Throwable cause) {
        super(named(reference, message), cause);
    }

    /** Without a cause. */
    public PullException(ImageReference reference, String message) {
        super(named(reference, message));
    }

    private static String named(ImageReference reference, String message) {
        return message.startsWith(reference.toString()) ? message : reference + ": " + message;
    }
}
