/** Signing of SIF images. */
@NullMarked
package dev.dunnage.sif.sign;

import org.jspecify.annotations.NullMarked;
