@NullMarked
package dev.dunnage.launcher.gpu;

import org.jspecify.annotations.NullMarked;
