/**
 * The command {@code dunnage} for users and administrators: thin commands over the other packages. The only place that
 * uses picocli.
 */
@NullMarked
package dev.dunnage.launcher.cli;

import org.jspecify.annotations.NullMarked;
