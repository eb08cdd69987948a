package dev.dunnage.launcher.store;

import dev.dunnage.launcher.wire.ContentDigest;
import java.nio.file.Path;

/**
 * A copy in the store.
 *
 * @param digest SHA-256 of its bytes
 * @param file where it is; its bytes never change
 */
public record StoredImage(ContentDigest digest, Path file) {}
