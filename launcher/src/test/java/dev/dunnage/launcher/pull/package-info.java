@NullMarked
package dev.dunnage.launcher.pull;

import org.jspecify.annotations.NullMarked;
