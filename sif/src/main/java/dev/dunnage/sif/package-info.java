/** Placeholder. */
@NullMarked
package dev.dunnage.sif;

import org.jspecify.annotations.NullMarked;
