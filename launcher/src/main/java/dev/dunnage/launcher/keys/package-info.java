/** Key rings of the site and of the user, as files. */
@NullMarked
package dev.dunnage.launcher.keys;

import org.jspecify.annotations.NullMarked;
