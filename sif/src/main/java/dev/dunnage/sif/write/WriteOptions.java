package dev.dunnage.sif.write;

import dev.dunnage.sif.SifLayout;
import java.time.Instant;
import java.util.UUID;

/**
 * What goes into an image besides its objects.
 *
 * @param time creation time of image and objects, in Unix seconds
 * @param launchScript first line of the file with its line end, at most 31 bytes in UTF-8; may be empty
 * @param descriptors number of objects that the image has room for, 1 to {@link SifLayout#MAX_DESCRIPTORS}
 */
public record WriteOptions(UUID id, long time, String launchScript, int descriptors) {
    /** The usual launch script, and room for 48 objects. */
    public WriteOptions(UUID id, long time) {
        this(id, time, SifLayout.LAUNCH_SCRIPT, SifLayout.USUAL_DESCRIPTORS);
    }

    /** The id zero and no time, so that equal objects make equal images. */
    public static WriteOptions deterministic() {
        return new WriteOptions(new UUID(0, 0), SifLayout.NO_TIME);
    }

    /** A given time and id; use a random id for images that go into use. */
    public static WriteOptions at(Instant now, UUID id) {
        return new WriteOptions(id, now.getEpochSecond());
    }

    /** The same with another launch script. */
    public WriteOptions withLaunchScript(String script) {
        return new WriteOptions(id, time, script, descriptors);
    }

    /** The same with room for another number of objects. */
    public WriteOptions withDescriptors(int count) {
        return new WriteOptions(id, time, launchScript, count);
    }
}
