/** Key servers, real and misbehaving. */
@NullMarked
package dev.dunnage.launcher.keyserver;

import org.jspecify.annotations.NullMarked;
