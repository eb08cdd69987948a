/** Tests of the search of libraries. */
@NullMarked
package dev.dunnage.mpi.ld;

import org.jspecify.annotations.NullMarked;
