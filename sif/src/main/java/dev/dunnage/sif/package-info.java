/** Structure of SIF images: a reader that checks every number before it is used. No process, socket or log is touched. */
@NullMarked
package dev.dunnage.sif;

import org.jspecify.annotations.NullMarked;
