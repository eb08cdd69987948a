package dev.dunnage.launcher.web;

import java.net.URI;
import java.util.Locale;

/** Where a server may send us. */
final class Redirects {
    static final int MAX = 5;

    private Redirects() {}

    static boolean isRedirect(int status) {
        return (status >= 301 && status <= 303) || status == 307 || status == 308;
    }

    /** The next address; never one with a user, and never an unencrypted one after an encrypted one. */
    static URI follow(URI from, String location) throws WebException {
        URI next;
        try {
            next = from.resolve(location.strip());
        } catch (IllegalArgumentException e) {
            throw refused(from, "to an address that is malformed");
        }
        String scheme = String.valueOf(next.getScheme()).toLowerCase(Locale.ROOT);
        if (next.getHost() == null || !(scheme.equals("http") || scheme.equals("https"))) {
            throw refused(from, "to something that is no web address");
        } else if (next.getUserInfo() != null) {
            throw refused(from, "to an address with a user name");
        } else if (scheme.equals("http") && "https".equalsIgnoreCase(from.getScheme())) {
            throw refused(from, "from encrypted to unencrypted http://" + next.getHost());
        }
        return next;
    }

    private static WebException refused(URI from, String where) {
        return new WebException(from.getHost() + " redirects " + where + ", which is not followed; tell who runs it");
    }
}
