/** Input streams that are read in blocks. */
@NullMarked
package dev.dunnage.launcher.stream;

import org.jspecify.annotations.NullMarked;
