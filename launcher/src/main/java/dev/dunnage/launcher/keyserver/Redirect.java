package dev.dunnage.launcher.keyserver;

import java.net.URI;
import java.util.Locale;

/** Where a server may send us. */
final class Redirect {
    private Redirect() {}

    /**
     * The next address.
     *
     * @param location header of the answer, absolute or relative
     * @throws KeyServerException when it is no web address, names a user, or leaves an encrypted connection
     */
    static URI follow(URI from, String location) throws KeyServerException {
        URI next;
        try {
            next = from.resolve(location.strip());
        } catch (IllegalArgumentException e) {
            throw refused(from, "to an address that is malformed");
        }
        String scheme = String.valueOf(next.getScheme()).toLowerCase(Locale.ROOT);
        if (next.getHost() == null || !(scheme.equals("http") || scheme.equals("https"))) {
            throw refused(from, "to something that is no web address");
        }
        if (next.getUserInfo() != null) {
            throw refused(from, "to an address with a user name");
        }
        if (scheme.equals("http") && isSecure(from)) {
            throw refused(from, "to unencrypted http://" + next.getHost());
        }
        return next;
    }

    private static boolean isSecure(URI uri) {
        return "https".equalsIgnoreCase(uri.getScheme());
    }

    private static KeyServerException refused(URI from, String where) {
        return new KeyServerException("key server " + from.getHost() + " redirects " + where
                + ", which is not followed; name another server with --url");
    }

    /** Whether both belong to the same server, so that one may see what is meant for the other. */
    static boolean sameOrigin(URI one, URI other) {
        return isSecure(one) == isSecure(other)
                && String.valueOf(one.getHost()).equalsIgnoreCase(other.getHost())
                && port(one) == port(other);
    }

    private static int port(URI uri) {
        return uri.getPort() >= 0 ? uri.getPort() : isSecure(uri) ? 443 : 80;
    }
}
