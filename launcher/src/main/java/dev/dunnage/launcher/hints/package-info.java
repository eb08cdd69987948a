/** What an image says about the steps that it wants, in a data object of its own. */
@NullMarked
package dev.dunnage.launcher.hints;

import org.jspecify.annotations.NullMarked;
