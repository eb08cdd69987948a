/**
 * The image store of a node: immutable copies of images that users could change, named by their content, and what was
 * found out about them. Used by the agent and by any number of one-shot launchers at the same time. Who mounts a copy holds
 * a lock of flock(2) on it as long as it is mounted, and it is not evicted. The bound holds: what does not fit is refused.
 * Where the file system can, a copy shares its blocks with the user's file until that is changed.
 *
 * <pre>
 * DIR/SHA256.sif     copies, 0400
 * DIR/.copy-*        copies in the making, locked by their writer
 * DIR/index/*        identity of a file to the digest of its content
 * DIR/verdicts/*     results of signature verification
 * DIR/locks/*        empty, locked while something is being changed
 * </pre>
 */
@NullMarked
package dev.dunnage.launcher.store;

import org.jspecify.annotations.NullMarked;
