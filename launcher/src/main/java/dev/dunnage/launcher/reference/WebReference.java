package dev.dunnage.launcher.reference;

import java.net.URI;
import java.util.Optional;

/**
 * A SIF file on a web server.
 *
 * @param uri {@code http} or {@code https}, without user and fragment
 * @param digest of the file
 */
public record WebReference(URI uri, Optional<Digest> digest) implements ImageReference {
    @Override
    public String toString() {
        return uri + digest.map(text -> "@" + text).orElse("");
    }
}
