/** Tests. */
@NullMarked
package dev.dunnage.mpi.host;

import org.jspecify.annotations.NullMarked;
