/** Looks whether a machine can run containers, and tells what to do where it cannot. */
@NullMarked
package dev.dunnage.launcher.doctor;

import org.jspecify.annotations.NullMarked;
