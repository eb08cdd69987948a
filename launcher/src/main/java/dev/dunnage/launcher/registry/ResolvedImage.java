package dev.dunnage.launcher.registry;

import dev.dunnage.launcher.reference.Digest;
import dev.dunnage.launcher.reference.RegistryReference;

/**
 * An image as a registry has it now.
 *
 * @param endpoint that has it
 * @param named what the tag or digest led to: the manifest itself, or the index that it was chosen from
 */
public record ResolvedImage(RegistryReference reference, Endpoint endpoint, Digest named, Manifest manifest) {}
