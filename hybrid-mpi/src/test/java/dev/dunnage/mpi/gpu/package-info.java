@NullMarked
package dev.dunnage.mpi.gpu;

import org.jspecify.annotations.NullMarked;
