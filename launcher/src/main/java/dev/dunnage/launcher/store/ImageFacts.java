package dev.dunnage.launcher.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * What the kernel says about an open image, without any right to open it again.
 *
 * @param device number of the device
 * @param inode number of the file
 * @param size length in bytes
 * @param owner uid of the owner
 * @param mode type and permission bits
 * @param changed time of the last change of content or attributes; users cannot set it
 * @param modified time of the last change of content; users can set it
 * @param fileSystem type such as {@code ext4}; empty when unknown
 */
public record ImageFacts(
        long device,
        long inode,
        long size,
        int owner,
        int mode,
        FileTime changed,
        FileTime modified,
        String fileSystem) {
    private static final String ATTRIBUTES = "unix:dev,ino,size,uid,mode,ctime,lastModifiedTime";
    private static final int TYPE_MASK = 0170000;
    private static final int REGULAR = 0100000;
    private static final int WRITABLE_BY_OTHERS = 022;
    /** File systems that make owner and mode up, or whose mode does not tell who may write. */
    private static final Pattern HEARSAY =
            Pattern.compile("fuse.*|cifs|smb.*|9p|virtiofs|vboxsf|vmhgfs|afs|ncpfs|vfat|msdos|exfat|ntfs.*");
    /** Coarse clocks of file systems: a change within this time may leave the times as they were. */
    private static final Duration SETTLED = Duration.ofSeconds(2);

    /**
     * Asks the kernel.
     *
     * @param file {@code /proc/self/fd/N} for an open descriptor: the link leads to the file itself, whatever rights the
     *     directories above it have
     */
    public static ImageFacts of(Path file) throws IOException {
        Map<String, Object> found = Files.readAttributes(file, ATTRIBUTES);
        long device = number(found, "dev");
        return new ImageFacts(
                device,
                number(found, "ino"),
                number(found, "size"),
                (int) number(found, "uid"),
                (int) number(found, "mode"),
                time(found, "ctime"),
                time(found, "lastModifiedTime"),
                MountTable.typeOf(device).orElse(""));
    }

    private static long number(Map<String, Object> found, String name) throws IOException {
        if (found.get(name) instanceof Number number) {
            return number.longValue();
        }
        throw new IOException("the system does not tell attribute " + name);
    }

    private static FileTime time(Map<String, Object> found, String name) throws IOException {
        if (found.get(name) instanceof FileTime time) {
            return time;
        }
        throw new IOException("the system does not tell attribute " + name);
    }

    /** Whether this is a file and no directory, device or pipe. */
    public boolean isRegular() {
        return (mode & TYPE_MASK) == REGULAR;
    }

    /**
     * Whether nobody but root can change the content: such a file is verified and mounted in place. The C side demands
     * the same before it lets the kernel mount a descriptor.
     */
    public boolean isImmutableForUsers() {
        return isRegular() && owner == 0 && (mode & WRITABLE_BY_OTHERS) == 0 && isReliable();
    }

    /** Name of the content, of file name characters only, when it cannot change under that name. */
    public Optional<String> contentName(Instant now) {
        return isImmutableForUsers() && isSettled(now) ? Optional.of("file-" + identity()) : Optional.empty();
    }

    /**
     * Name of the content of a user's own file, for decisions that are advice: its owner could change it under our eyes.
     * Empty when its identity says nothing.
     */
    public Optional<String> advisoryName(Instant now) {
        return isRegular() && isReliable() && isSettled(now) ? Optional.of("advice-" + identity()) : Optional.empty();
    }

    /** Whether device, inode and times can be taken for the identity of the content. */
    boolean isReliable() {
        return !fileSystem.isEmpty() && !HEARSAY.matcher(fileSystem).matches();
    }

    /** Whether a change from now on is certain to show in the times. */
    boolean isSettled(Instant now) {
        Instant latest = changed.toInstant().isAfter(modified.toInstant()) ? changed.toInstant() : modified.toInstant();
        return latest.plus(SETTLED).isBefore(now);
    }

    /** The identity as a file name. */
    String identity() {
        return device + "-" + inode + "-" + size + "-" + owner + "-" + nanos(changed) + "-" + nanos(modified);
    }

    private static long nanos(FileTime time) {
        return time.to(TimeUnit.NANOSECONDS);
    }
}
