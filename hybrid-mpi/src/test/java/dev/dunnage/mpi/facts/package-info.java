/** Tests of what is found in trees of files. */
@NullMarked
package dev.dunnage.mpi.facts;

import org.jspecify.annotations.NullMarked;
