package dev.dunnage.launcher.cache;

import dev.dunnage.launcher.reference.Digest;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A directory of images that one user writes, and maybe one of the site that is read only. {@code images/HEX.sif} are complete images
 * by their digest, {@code names/} says what references mean, {@code partial/} holds what is not complete, {@code locks/} keeps processes
 * apart.
 */
public final class ImageCache {
    private static final Path NODE = Path.of("/proc/sys/kernel/hostname");

    private final Path root;
    private final Optional<Path> shared;
    private final long limit;

    /**
     * Makes nothing yet.
     *
     * @param shared cache of the site
     * @param limit bytes of all images in {@code root}
     */
    public ImageCache(Path root, Optional<Path> shared, long limit) {
        this.root = root;
        this.shared = shared;
        this.limit = limit;
    }

    /** Where it is. */
    public Path root() {
        return root;
    }

    long limit() {
        return limit;
    }

    Path images() {
        return root.resolve("images");
    }

    Path names() {
        return root.resolve("names");
    }

    Path locks() {
        return root.resolve("locks");
    }

    /** Directory of files that are not complete. */
    public Path partial() {
        return root.resolve("partial");
    }

    /**
     * Makes the directories that are missing.
     *
     * @throws CacheException when that cannot be done
     */
    public void prepare() throws IOException {
        try {
            if (!Files.isDirectory(root)) {
                Files.createDirectories(root.toAbsolutePath().resolveSibling(""));
                Files.createDirectories(
                        root, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            for (Path part : List.of(images(), names(), locks(), partial())) {
                Files.createDirectories(part);
            }
        } catch (IOException e) {
            throw new CacheException("the image cache " + root + " cannot be made (" + e.getMessage()
                    + "); name a directory of yours with DUNNAGE_CACHEDIR");
        }
        if (!Files.isWritable(partial())) {
            throw new CacheException("the image cache " + root
                    + " cannot be written by you; name a directory of yours with DUNNAGE_CACHEDIR");
        }
    }

    /** The image that a name means, in the user's cache or in the site's; that counts as a use. */
    public Optional<CachedImage> find(ImageName name) throws IOException {
        Optional<CachedImage> own = find(root, name);
        if (own.isPresent()) {
            touch(names().resolve(name.key()));
            return own;
        }
        return shared.isPresent() ? find(shared.get(), name) : Optional.empty();
    }

    private static Optional<CachedImage> find(Path place, ImageName name) throws IOException {
        Optional<NameFile> meaning = NameFile.read(place.resolve("names").resolve(name.key()));
        if (meaning.isEmpty()) {
            return Optional.empty();
        }
        Path file = image(place, meaning.get().content());
        boolean whole =
                Files.isRegularFile(file) && Files.size(file) == meaning.get().size();
        return whole
                ? Optional.of(new CachedImage(
                        file, meaning.get().content(), meaning.get().pinned()))
                : Optional.empty();
    }

    private static void touch(Path file) {
        try {
            Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
        } catch (IOException e) {
            // it is gone meanwhile, or of a cache that is read only
        }
    }

    /** Whether the user's cache has this content. */
    public boolean has(Digest content) {
        return Files.isRegularFile(image(root, content));
    }

    static Path image(Path place, Digest content) {
        return place.resolve("images").resolve(content.hex() + ".sif");
    }

    /**
     * Takes a complete file into the cache.
     *
     * @param file beneath {@link #partial}; gone afterwards
     */
    public void add(Path file, Digest content) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true); // a name must never lead to less than all of it, also after a power cut
        }
        Files.move(file, image(root, content), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Says what a name means from now on. */
    public CachedImage name(ImageName name, Digest content, String pinned) throws IOException {
        Path file = image(root, content);
        new NameFile(name.reference(), name.architecture().label(), pinned, content, Files.size(file))
                .write(names().resolve(name.key()));
        return new CachedImage(file, content, pinned);
    }

    /** Something to be done by one process at a time. */
    @FunctionalInterface
    public interface Action<T> {
        /**
         * Does it.
         *
         * @param waited whether another process did something under the same lock meanwhile
         */
        T run(boolean waited) throws IOException;
    }

    /**
     * Acts when no other process, on this node or another one, acts under the same name.
     *
     * @param waiting is told who has to be waited for
     */
    public <T> T alone(ImageName name, Consumer<String> waiting, Action<T> action) throws IOException {
        return alone(name.key(), waiting, action);
    }

    /** The same for a part of images. */
    public <T> T alone(Digest part, Consumer<String> waiting, Action<T> action) throws IOException {
        return alone(part.hex(), waiting, action);
    }

    private <T> T alone(String key, Consumer<String> waiting, Action<T> action) throws IOException {
        Path file = locks().resolve(key);
        Optional<Flock> first = Flock.tryLock(file);
        if (first.isEmpty()) {
            waiting.accept(holder(file));
        }
        try (Flock held = first.isPresent() ? first.get() : Flock.lock(file)) {
            Flock.note(file, Files.readString(NODE).strip());
            T result = action.run(first.isEmpty());
            assert held != null;
            return result;
        }
    }

    private static String holder(Path file) throws IOException {
        String text = Files.readString(file).strip();
        return text.matches("[A-Za-z0-9._-]{1,64}") ? text : "another process";
    }
}
