package dev.dunnage.launcher.plan;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/**
 * What a file looked like; an equal stamp means the same content, if it is settled.
 *
 * @param facts identity and times, empty for an absent file
 * @param settled whether the file was left alone for long enough that a later change must show in the times
 */
record Stamp(Map<String, Object> facts, boolean settled) {
    private static final Duration SETTLED = Duration.ofSeconds(2);
    private static final String CONTENT = "unix:dev,ino,size,uid,gid,mode,ctime,lastModifiedTime";
    private static final String RIGHTS = "unix:dev,ino,uid,gid,mode";

    /** For a file or a directory whose entries matter. */
    static Stamp of(Path file, Instant now) throws IOException {
        Map<String, Object> found = read(file, CONTENT);
        Instant changed = found.get("ctime") instanceof FileTime time ? time.toInstant() : Instant.MIN;
        return new Stamp(found, changed.plus(SETTLED).isBefore(now));
    }

    /** For a directory of which only matters who may write to it. */
    static Stamp ofRights(Path directory) throws IOException {
        return new Stamp(read(directory, RIGHTS), true);
    }

    private static Map<String, Object> read(Path file, String attributes) throws IOException {
        try {
            return Files.readAttributes(file, attributes, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return Map.of();
        }
    }
}
