package dev.dunnage.sif.write;

import dev.dunnage.sif.SifHeader;
import dev.dunnage.sif.SifLayout;
import java.time.Instant;

/**
 * The time that an edit leaves in an image.
 *
 * @param seconds Unix seconds
 * @param usual whether images without times keep having none
 */
public record EditTime(long seconds, boolean usual) {
    /** Now, except in deterministic images, which stay without times; as other tools do. */
    public static EditTime now(Instant now) {
        return new EditTime(now.getEpochSecond(), true);
    }

    /** This time in every image. */
    public static EditTime exactly(Instant time) {
        return new EditTime(time.getEpochSecond(), false);
    }

    /** No time at all, so that equal edits make equal images. */
    public static EditTime none() {
        return new EditTime(SifLayout.NO_TIME, false);
    }

    long in(SifHeader header) {
        return usual && header.isDeterministic() ? SifLayout.NO_TIME : seconds;
    }
}
