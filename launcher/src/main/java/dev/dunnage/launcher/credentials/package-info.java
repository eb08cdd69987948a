/** Users and passwords for registries, from where Docker, Podman, Apptainer and Dunnage keep them. */
@NullMarked
package dev.dunnage.launcher.credentials;

import org.jspecify.annotations.NullMarked;
