/** Whether and how the MPI programs of an image would run on a site, with the rules and numbers that decide it. */
@NullMarked
package dev.dunnage.mpi.explain;

import org.jspecify.annotations.NullMarked;
