package dev.dunnage.launcher.registry;

import java.util.List;

/**
 * What an image in a registry is made of.
 *
 * @param self digest and size of the manifest itself
 * @param config the image's configuration
 * @param layers the lowest first
 */
public record Manifest(Descriptor self, Descriptor config, List<Descriptor> layers) {
    /** Copies the list. */
    public Manifest {
        layers = List.copyOf(layers);
    }
}
