package dev.dunnage.launcher.credentials;

import java.io.IOException;

/** A file or helper of credentials that cannot be used; the message is one line with cause and remedy, and has no secret. */
public final class CredentialException extends IOException {
    private static final long serialVersionUID = 1L;

    CredentialException(String message) {
        super(message);
    }
}
