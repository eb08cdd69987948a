/**
 * A record of every decision, for administrators: one line of JSON in a file, and the same in the system's log. Written
 * by the account that runs the launcher, never by a user.
 */
@NullMarked
package dev.dunnage.launcher.audit;

import org.jspecify.annotations.NullMarked;
