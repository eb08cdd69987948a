/** Registries of the OCI distribution specification: manifests and blobs out, and images in. */
@NullMarked
package dev.dunnage.launcher.registry;

import org.jspecify.annotations.NullMarked;
