/** Requests to servers of images and keys. */
@NullMarked
package dev.dunnage.launcher.web;

import org.jspecify.annotations.NullMarked;
