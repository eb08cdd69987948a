/**
 * The programs of Dunnage: the agent, the one-shot launcher and the command line, over the libraries {@code sif},
 * {@code policy} and {@code mpi}. This package itself holds nothing; its sub-packages are one job each.
 */
@NullMarked
package dev.dunnage.launcher;

import org.jspecify.annotations.NullMarked;
