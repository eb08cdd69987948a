package dev.dunnage.launcher.reference;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A file of this machine.
 *
 * @param path as it was given, relative ones too
 */
public record FileReference(Path path) implements ImageReference {
    @Override
    public Optional<Digest> digest() {
        return Optional.empty();
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
