package dev.dunnage.sif.write;

import dev.dunnage.sif.SifLayout;
import java.time.Instant;
import java.util.UUID;

/**
 * What goes into an image besides its objects.
 *
 * @param time creation time of image and objects, in Unix seconds
 */
public record WriteOptions(UUID id, long time) {
    /** The id zero and no time, so that equal objects make equal images. */
    public static WriteOptions deterministic() {
        return new WriteOptions(new UUID(0, 0), SifLayout.NO_TIME);
    }

    /** A given time and id; use a random id for images that go into use. */
    public static WriteOptions at(Instant now, UUID id) {
        return new WriteOptions(id, now.getEpochSecond());
    }
}
