/** Brings libraries of a machine into an image: which ones, where they are shown, and what leads programs to them. */
@NullMarked
package dev.dunnage.mpi.bind;

import org.jspecify.annotations.NullMarked;
