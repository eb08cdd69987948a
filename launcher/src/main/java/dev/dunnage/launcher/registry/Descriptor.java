package dev.dunnage.launcher.registry;

import dev.dunnage.launcher.reference.Digest;
import java.util.Map;
import java.util.Optional;

/**
 * A content of a registry, as a manifest names it.
 *
 * @param size in bytes
 * @param platform of an image in an index
 */
public record Descriptor(
        String mediaType, Digest digest, long size, Optional<Platform> platform, Map<String, String> annotations) {
    /** Copies the annotations. */
    public Descriptor {
        annotations = Map.copyOf(annotations);
    }

    /** Without platform and annotations. */
    public Descriptor(String mediaType, Digest digest, long size) {
        this(mediaType, digest, size, Optional.empty(), Map.of());
    }

    /**
     * What an image runs on, in the names of Go.
     *
     * @param variant such as {@code v8}; empty when there is none
     */
    public record Platform(String os, String architecture, String variant) {}
}
