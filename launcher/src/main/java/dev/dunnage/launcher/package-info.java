/** Placeholder. */
@NullMarked
package dev.dunnage.launcher;

import org.jspecify.annotations.NullMarked;
