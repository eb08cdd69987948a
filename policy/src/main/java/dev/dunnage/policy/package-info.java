/** Placeholder. */
@NullMarked
package dev.dunnage.policy;

import org.jspecify.annotations.NullMarked;
