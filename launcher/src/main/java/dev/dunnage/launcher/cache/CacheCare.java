package dev.dunnage.launcher.cache;

import dev.dunnage.launcher.reference.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Lists, shrinks and checks a cache. An image that a container uses is never removed: whoever serves it holds a shared lock on it. */
public final class CacheCare {
    private static final int BUFFER = 1 << 18;
    private static final Duration OLD = Duration.ofDays(7);
    /** None takes longer. */
    private static final Duration CONVERSION = Duration.ofDays(1);

    private final ImageCache cache;

    /** Looks at nothing yet. */
    public CacheCare(ImageCache cache) {
        this.cache = cache;
    }

    /**
     * An image with all its names.
     *
     * @param names references that lead to it
     * @param used when it was used last, or pulled
     */
    public record Entry(Path file, Digest content, long size, List<String> names, Instant used) {}

    /** All images, the one that was used last first. */
    public List<Entry> list() throws IOException {
        Map<Digest, List<Path>> names = new LinkedHashMap<>();
        for (Path name : files(cache.names())) {
            NameFile.read(name)
                    .ifPresent(meaning -> names.computeIfAbsent(meaning.content(), key -> new ArrayList<>())
                            .add(name));
        }
        List<Entry> entries = new ArrayList<>();
        for (Path image : files(cache.images())) {
            Optional<Digest> content = content(image);
            if (content.isPresent()) {
                entry(image, content.get(), names.getOrDefault(content.get(), List.of()))
                        .ifPresent(entries::add);
            }
        }
        entries.sort(Comparator.comparing(Entry::used).reversed());
        return entries;
    }

    private static Optional<Digest> content(Path image) {
        return Digest.parse("sha256:" + String.valueOf(image.getFileName()).replaceFirst("\\.sif$", ""));
    }

    private static Optional<Entry> entry(Path image, Digest content, List<Path> nameFiles) throws IOException {
        try {
            FileTime used = Files.getLastModifiedTime(image);
            List<String> names = new ArrayList<>();
            for (Path file : nameFiles) {
                FileTime time = Files.getLastModifiedTime(file);
                used = time.compareTo(used) > 0 ? time : used;
                NameFile.read(file).ifPresent(name -> names.add(name.reference()));
            }
            names.sort(Comparator.naturalOrder());
            return Optional.of(new Entry(image, content, Files.size(image), names, used.toInstant()));
        } catch (NoSuchFileException e) {
            return Optional.empty(); // removed meanwhile
        }
    }

    private static List<Path> files(Path directory) throws IOException {
        List<Path> found = entries(directory);
        found.removeIf(file -> String.valueOf(file.getFileName()).startsWith("."));
        return found;
    }

    private static List<Path> entries(Path directory) throws IOException {
        List<Path> found = new ArrayList<>();
        if (Files.isDirectory(directory)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
                files.forEach(found::add);
            }
        }
        return found;
    }

    /**
     * Removes an image and its names.
     *
     * @return false: a container uses it
     */
    public boolean remove(Entry entry) throws IOException {
        try {
            Optional<Flock> lock = Flock.tryLockExisting(entry.file());
            if (lock.isEmpty()) {
                return false;
            }
            try (Flock held = lock.get()) {
                forget(entry.content());
                Files.deleteIfExists(entry.file());
                assert held != null;
            }
        } catch (CacheException e) {
            if (Files.exists(entry.file())) {
                throw e;
            }
        }
        return true;
    }

    private void forget(Digest content) throws IOException {
        for (Path name : files(cache.names())) {
            if (NameFile.read(name)
                    .filter(found -> found.content().equals(content))
                    .isPresent()) {
                Files.deleteIfExists(name);
            }
        }
    }

    /**
     * Removes what was used longest ago until the rest fits, and remains of pulls that nobody went on with.
     *
     * @param keep is not removed
     */
    public void trim(Digest keep) throws IOException {
        Optional<Flock> turn = Flock.tryLock(cache.locks().resolve("trim"));
        if (turn.isEmpty()) {
            return; // another process is at it
        }
        try (Flock held = turn.get()) {
            List<Entry> entries = list();
            long total = entries.stream().mapToLong(Entry::size).sum();
            for (int at = entries.size() - 1; at >= 0 && total > cache.limit(); at--) {
                Entry oldest = entries.get(at);
                if (!oldest.content().equals(keep) && remove(oldest)) {
                    total -= oldest.size();
                }
            }
            clearPartial(OLD);
            assert held != null;
        }
    }

    /**
     * Removes files that are not complete.
     *
     * @param age since anything was added to them
     * @return bytes
     */
    public long clearPartial(Duration age) throws IOException {
        long bytes = 0;
        Instant before = Instant.now().minus(age);
        Instant killed = Instant.now().minus(age.compareTo(CONVERSION) > 0 ? age : CONVERSION);
        for (Path part : entries(cache.partial())) {
            boolean isDraft = String.valueOf(part.getFileName()).startsWith(".");
            if (isDraft ? isOlder(part, killed) : Files.isRegularFile(part) && isOlder(part, before)) {
                bytes += delete(part);
            }
        }
        return bytes;
    }

    private static boolean isOlder(Path file, Instant time) throws IOException {
        return Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS)
                .toInstant()
                .isBefore(time);
    }

    /** What a conversion that was killed has left is a directory of files. */
    private static long delete(Path part) throws IOException {
        long bytes = 0;
        if (Files.isDirectory(part, LinkOption.NOFOLLOW_LINKS)) {
            for (Path file : entries(part)) {
                bytes += delete(file);
            }
        } else {
            bytes = Files.size(part);
        }
        Files.deleteIfExists(part);
        return bytes;
    }

    /** Whether the file still has the content that its name says. */
    public boolean isSound(Entry entry) throws IOException {
        return hash(entry.file()).equals(entry.content());
    }

    /** The digest of a file. */
    public static Digest hash(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest hash = MessageDigest.getInstance("SHA-256");
            byte[] bytes = new byte[BUFFER];
            for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
                hash.update(bytes, 0, count);
            }
            return new Digest(HexFormat.of().formatHex(hash.digest()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
