package dev.dunnage.launcher.reference;

import java.util.Optional;

/**
 * An image in a registry of the OCI distribution specification.
 *
 * @param kind how the image is stored there
 * @param host with an optional port, lower case
 * @param repository name without host, tag and digest
 * @param tag empty when only a digest is given; {@code latest} when neither is
 * @param digest of the manifest; it decides, the tag is then only for people
 */
public record RegistryReference(
        Kind kind, String host, String repository, Optional<String> tag, Optional<Digest> digest)
        implements ImageReference {
    /** The host that {@code docker://} means when it names none. */
    public static final String DOCKER_HUB = "docker.io";

    /** How an image is stored in a registry. */
    public enum Kind {
        /** A SIF file as it is: {@code oras://}. */
        ORAS,
        /** Layers, to be converted: {@code docker://}. */
        DOCKER;

        String scheme() {
            return this == ORAS ? "oras" : "docker";
        }
    }

    /** The tag or digest as the registry's addresses spell it. */
    public String qualifier() {
        return digest.map(Digest::toString).or(() -> tag).orElse("latest");
    }

    /** The same image, pinned to a content. */
    public RegistryReference pinned(Digest content) {
        return new RegistryReference(kind, host, repository, tag, Optional.of(content));
    }

    @Override
    public String toString() {
        return kind.scheme() + "://" + host + "/" + repository
                + tag.map(text -> ":" + text).orElse("")
                + digest.map(text -> "@" + text).orElse("");
    }
}
