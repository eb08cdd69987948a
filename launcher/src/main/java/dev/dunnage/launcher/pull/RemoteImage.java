package dev.dunnage.launcher.pull;

import dev.dunnage.launcher.reference.Digest;
import dev.dunnage.launcher.reference.ImageReference;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** An image that a server has, found but not fetched. */
interface RemoteImage {
    /** Digest of its SIF file, where that is known before it is here. */
    Optional<Digest> content();

    /**
     * A reference that always means what is meant now.
     *
     * @param content of the file
     */
    ImageReference pinned(Digest content);

    /**
     * A SIF file that came.
     *
     * @param path in the place for files that are not complete
     */
    record Fetched(Path path, Digest content) {}

    /** Brings it. */
    Fetched fetch(Parts parts) throws IOException;
}
