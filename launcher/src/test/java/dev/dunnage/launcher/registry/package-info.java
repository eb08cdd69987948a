/** Real registries, and servers that misbehave. */
@NullMarked
package dev.dunnage.launcher.registry;

import org.jspecify.annotations.NullMarked;
