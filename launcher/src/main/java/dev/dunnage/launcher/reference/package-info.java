/** References to images: one parser for every place where a user or an administrator names one. Nothing here goes to the network. */
@NullMarked
package dev.dunnage.launcher.reference;

import org.jspecify.annotations.NullMarked;
