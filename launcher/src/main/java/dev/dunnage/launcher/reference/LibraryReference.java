package dev.dunnage.launcher.reference;

import java.util.Optional;

/**
 * An image in a container library of the Sylabs kind.
 *
 * @param host with an optional port; empty for the configured one
 * @param entity user or organisation
 * @param tag or the library's own {@code sha256.HEX}
 * @param digest of the SIF file
 */
public record LibraryReference(
        Optional<String> host, String entity, String collection, String container, String tag, Optional<Digest> digest)
        implements ImageReference {
    /** Entity, collection and container as the library's addresses spell them. */
    public String path() {
        return entity + "/" + collection + "/" + container;
    }

    @Override
    public String toString() {
        return "library://" + host.map(name -> name + "/").orElse("") + path() + ":" + tag
                + digest.map(text -> "@" + text).orElse("");
    }
}
