/** Definition files, from which images are built: only their text, nothing is done here. */
@NullMarked
package dev.dunnage.launcher.definition;

import org.jspecify.annotations.NullMarked;
