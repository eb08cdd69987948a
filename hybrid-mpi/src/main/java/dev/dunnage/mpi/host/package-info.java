/** What a node offers to MPI programs: its own MPI, Slurm's PMI, networks, and what of it belongs together. */
@NullMarked
package dev.dunnage.mpi.host;

import org.jspecify.annotations.NullMarked;
