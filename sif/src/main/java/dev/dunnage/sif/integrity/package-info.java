/** What a modern SIF signature states: digests of header, descriptors and objects, and their JSON form. */
@NullMarked
package dev.dunnage.sif.integrity;

import org.jspecify.annotations.NullMarked;
