/** Tests. */
@NullMarked
package dev.dunnage.mpi.explain;

import org.jspecify.annotations.NullMarked;
