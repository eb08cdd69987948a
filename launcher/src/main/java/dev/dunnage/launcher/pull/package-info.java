/** From a reference to a SIF file in the cache: each kind of server has one class that finds an image and brings it. */
@NullMarked
package dev.dunnage.launcher.pull;

import org.jspecify.annotations.NullMarked;
