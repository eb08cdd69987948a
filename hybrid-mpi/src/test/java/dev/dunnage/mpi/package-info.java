/** Tests of the MPI wiring. */
@NullMarked
package dev.dunnage.mpi;

import org.jspecify.annotations.NullMarked;
