/** Placeholder. */
@NullMarked
package dev.dunnage.mpi;

import org.jspecify.annotations.NullMarked;
