/** Container libraries of the Sylabs kind: their HTTP interface for finding, fetching and storing images. */
@NullMarked
package dev.dunnage.launcher.library;

import org.jspecify.annotations.NullMarked;
