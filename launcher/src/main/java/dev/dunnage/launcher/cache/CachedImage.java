package dev.dunnage.launcher.cache;

import dev.dunnage.launcher.reference.Digest;
import java.nio.file.Path;

/**
 * An image in a cache.
 *
 * @param content digest of the file
 * @param pinned reference that always means this content
 */
public record CachedImage(Path file, Digest content, String pinned) {}
