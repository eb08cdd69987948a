/** What MPI, libc and network libraries a tree of files holds, told from the files alone. */
@NullMarked
package dev.dunnage.mpi.facts;

import org.jspecify.annotations.NullMarked;
