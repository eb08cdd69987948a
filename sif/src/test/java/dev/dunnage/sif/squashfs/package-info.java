/** Tests of the reader of file systems. */
@NullMarked
package dev.dunnage.sif.squashfs;

import org.jspecify.annotations.NullMarked;
