/**
 * From a request to a plan or a refusal: reads the site's files, verifies and decides, and says how the container is to
 * be built. Opens nothing of the user's by name and starts no process.
 */
@NullMarked
package dev.dunnage.launcher.plan;

import org.jspecify.annotations.NullMarked;
