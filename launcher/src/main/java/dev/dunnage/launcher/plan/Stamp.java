package dev.dunnage.launcher.plan;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a file looked like; an equal stamp means the same content, if it is settled.
 *
 * @param text identity and times, empty for an absent file
 * @param settled whether the file was left alone for long enough that a later change must show in the times
 */
record Stamp(String text, boolean settled) {
    private static final Duration SETTLED = Duration.ofSeconds(2);
    private static final String ATTRIBUTES = "unix:dev,ino,size,uid,gid,mode,ctime,lastModifiedTime";

    static Stamp of(Path file, Instant now) throws IOException {
        try {
            Map<String, Object> found =
                    new TreeMap<>(Files.readAttributes(file, ATTRIBUTES, LinkOption.NOFOLLOW_LINKS));
            Instant changed = Instant.parse(String.valueOf(found.get("ctime")));
            return new Stamp(found.toString(), changed.plus(SETTLED).isBefore(now));
        } catch (NoSuchFileException e) {
            return new Stamp("", true);
        }
    }
}
