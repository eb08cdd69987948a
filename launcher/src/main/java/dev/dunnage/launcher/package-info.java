/**
 * The programs of Dunnage: the agent, the one-shot launcher and the command line, over the libraries {@code sif},
 * {@code policy} and {@code mpi}. Each sub-package is one job; here is only what all of them say about themselves.
 */
@NullMarked
package dev.dunnage.launcher;

import org.jspecify.annotations.NullMarked;
