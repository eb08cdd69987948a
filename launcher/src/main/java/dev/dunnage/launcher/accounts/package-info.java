/** The node's user and group database through the C library, so that every directory service of the site counts. */
@NullMarked
package dev.dunnage.launcher.accounts;

import org.jspecify.annotations.NullMarked;
