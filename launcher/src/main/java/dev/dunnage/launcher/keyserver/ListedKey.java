package dev.dunnage.launcher.keyserver;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A key as a server lists it: claims, none of which is proven.
 *
 * @param fingerprint 40 upper-case hex digits, or fewer from servers that list key ids only
 * @param algorithm for example {@code RSA 4096}; empty when the server does not say
 * @param revoked whether the server marks it as revoked or disabled
 * @param names user ids, safe to print
 */
public record ListedKey(
        String fingerprint,
        String algorithm,
        Optional<Instant> created,
        Optional<Instant> expires,
        boolean revoked,
        List<String> names) {
    /** Copies the list. */
    public ListedKey {
        names = List.copyOf(names);
    }

    ListedKey named(String name) {
        List<String> more = new ArrayList<>(names);
        more.add(name);
        return new ListedKey(fingerprint, algorithm, created, expires, revoked, more);
    }
}
