/**
 * Reads a squashfs 4.0 file system: names, links and the content of files. The image may be anybody's: every offset, length
 * and count is checked before it is used, and nothing is allocated by a number of the image alone.
 */
@NullMarked
package dev.dunnage.sif.squashfs;

import org.jspecify.annotations.NullMarked;
