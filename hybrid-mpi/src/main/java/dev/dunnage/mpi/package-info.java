/**
 * What a container needs to take part in an MPI step, and whether its image can: the host starts the ranks and serves PMI,
 * the image brings its own MPI library. Images and hosts are looked at through {@code dev.dunnage.mpi.tree}; nothing of them
 * is run, and nothing here opens a socket or starts a process.
 */
@NullMarked
package dev.dunnage.mpi;

import org.jspecify.annotations.NullMarked;
