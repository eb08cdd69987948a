@NullMarked
package dev.dunnage.launcher.credentials;

import org.jspecify.annotations.NullMarked;
