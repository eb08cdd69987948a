/** What can be told about an image before its job queues. */
@NullMarked
package dev.dunnage.launcher.submit;

import org.jspecify.annotations.NullMarked;
