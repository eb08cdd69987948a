/** Every spelling of a definition. */
@NullMarked
package dev.dunnage.launcher.definition;

import org.jspecify.annotations.NullMarked;
