package dev.dunnage.launcher.plan;

import dev.dunnage.launcher.reference.FileReference;
import dev.dunnage.launcher.reference.ImageReference;
import dev.dunnage.launcher.reference.ReferenceException;
import java.util.Optional;

/** Where an image is said to come from. */
public final class ImageOrigin {
    private ImageOrigin() {}

    /** What a user named an image by, as rules spell it; empty for a file. */
    public static Optional<String> of(String named) {
        try {
            ImageReference reference = ImageReference.parse(named);
            return reference instanceof FileReference ? Optional.empty() : Optional.of(reference.toString());
        } catch (ReferenceException e) {
            return Optional.empty(); // it could not have been pulled
        }
    }
}
