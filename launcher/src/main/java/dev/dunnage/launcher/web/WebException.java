package dev.dunnage.launcher.web;

import java.io.IOException;

/** A server that cannot be used; the message is one line with what was asked, the server's answer, and a remedy. */
public class WebException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes it.
     *
     * @param message one line, without secrets
     */
    public WebException(String message) {
        super(message);
    }

    /**
     * Makes it.
     *
     * @param message one line, without secrets
     */
    public WebException(String message, Throwable cause) {
        super(message, cause);
    }
}
