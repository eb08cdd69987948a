/** Creation of SIF images, and changes to existing ones. */
@NullMarked
package dev.dunnage.sif.write;

import org.jspecify.annotations.NullMarked;
