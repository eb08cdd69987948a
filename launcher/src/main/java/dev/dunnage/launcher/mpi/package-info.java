/** What is known about the MPI of images and of this machine. */
@NullMarked
package dev.dunnage.launcher.mpi;

import org.jspecify.annotations.NullMarked;
