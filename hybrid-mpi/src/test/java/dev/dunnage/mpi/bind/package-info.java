/** Tests. */
@NullMarked
package dev.dunnage.mpi.bind;

import org.jspecify.annotations.NullMarked;
