package dev.dunnage.launcher.cache;

import java.io.IOException;

/** A cache that cannot be used; the message is one line with cause and remedy. */
public final class CacheException extends IOException {
    private static final long serialVersionUID = 1L;

    CacheException(String message) {
        super(message);
    }
}
