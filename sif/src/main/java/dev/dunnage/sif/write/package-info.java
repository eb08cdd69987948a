/** Creation of SIF images. */
@NullMarked
package dev.dunnage.sif.write;

import org.jspecify.annotations.NullMarked;
