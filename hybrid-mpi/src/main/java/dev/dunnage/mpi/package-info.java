/**
 * What a container needs to take part in an MPI step: the host starts the ranks and serves PMI, the image brings its own
 * MPI library. Values in, values out: nothing here opens a file, a socket or a process.
 */
@NullMarked
package dev.dunnage.mpi;

import org.jspecify.annotations.NullMarked;
