package dev.dunnage.launcher.web;

import java.net.URI;
import java.util.Locale;
import java.util.Set;

/**
 * Whom a secret is meant for.
 *
 * @param port the scheme's own one when the address names none
 */
public record Origin(String scheme, String host, int port) {
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

    /** The server that this address names. */
    public static Origin of(URI uri) {
        String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
        int port = uri.getPort() >= 0 ? uri.getPort() : scheme.equals("https") ? 443 : 80;
        return new Origin(scheme, String.valueOf(uri.getHost()).toLowerCase(Locale.ROOT), port);
    }

    /** Whether nobody on the way can read along: encrypted, or never on a wire. */
    public boolean isPrivate() {
        return scheme.equals("https") || LOOPBACK.contains(host);
    }
}
