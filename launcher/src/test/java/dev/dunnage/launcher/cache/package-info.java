@NullMarked
package dev.dunnage.launcher.cache;

import org.jspecify.annotations.NullMarked;
