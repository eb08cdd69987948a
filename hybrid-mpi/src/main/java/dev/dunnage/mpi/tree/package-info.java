/** Files of a machine or an image, read without running anything of them. */
@NullMarked
package dev.dunnage.mpi.tree;

import org.jspecify.annotations.NullMarked;
