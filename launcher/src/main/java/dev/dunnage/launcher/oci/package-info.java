/** OCI images: manifest, configuration, layers, and the one tree that the layers make together. Starts no process. */
@NullMarked
package dev.dunnage.launcher.oci;

import org.jspecify.annotations.NullMarked;
