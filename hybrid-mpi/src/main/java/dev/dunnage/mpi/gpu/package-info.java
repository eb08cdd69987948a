/** Graphics processors of a node: their devices, and what belongs to their driver and therefore must be the node's own. */
@NullMarked
package dev.dunnage.mpi.gpu;

import org.jspecify.annotations.NullMarked;
