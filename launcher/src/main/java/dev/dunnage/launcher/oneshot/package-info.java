/**
 * The launcher that the plugin starts when no agent answers: one request, one reply, exit. Its path loads neither picocli
 * nor JNA, and its classes suit an AppCDS archive.
 */
@NullMarked
package dev.dunnage.launcher.oneshot;

import org.jspecify.annotations.NullMarked;
