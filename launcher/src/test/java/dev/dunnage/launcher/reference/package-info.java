/** Every spelling of a reference. */
@NullMarked
package dev.dunnage.launcher.reference;

import org.jspecify.annotations.NullMarked;
