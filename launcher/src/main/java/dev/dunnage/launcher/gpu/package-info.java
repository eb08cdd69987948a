/** Descriptions of devices that the makers of GPUs write for containers (CDI), and what they mean here. */
@NullMarked
package dev.dunnage.launcher.gpu;

import org.jspecify.annotations.NullMarked;
