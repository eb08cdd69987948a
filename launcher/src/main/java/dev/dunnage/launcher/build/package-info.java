/** Images and the tools of squashfs: building, and looking inside. The only place that starts processes. */
@NullMarked
package dev.dunnage.launcher.build;

import org.jspecify.annotations.NullMarked;
