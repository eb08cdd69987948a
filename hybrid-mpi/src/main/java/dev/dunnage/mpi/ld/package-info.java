/** Finds libraries as the dynamic loader of glibc does, in any tree of files, without running anything. */
@NullMarked
package dev.dunnage.mpi.ld;

import org.jspecify.annotations.NullMarked;
