/**
 * Pulled images on disk: named by content, complete or not there at all, and safe for any number of processes and nodes that use
 * one directory. Locks are those of flock(2): the kernel frees them, whatever becomes of their holder.
 */
@NullMarked
package dev.dunnage.launcher.cache;

import org.jspecify.annotations.NullMarked;
