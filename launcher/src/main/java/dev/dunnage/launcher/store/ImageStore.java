package dev.dunnage.launcher.store;

import dev.dunnage.launcher.wire.ContentDigest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Immutable copies of images, named by content. Thread-safe; one object for a directory in a process, any number of
 * processes.
 */
public final class ImageStore {
    private static final int STRIPES = 32;
    private static final int IN_MEMORY = 4096;

    private final StoreDirectory directory;
    private final Clock clock;
    private final CopyIndex index;
    private final Housekeeping housekeeping;
    private final VerdictCache verdicts;
    private final Duration restful;
    private final RecentlyUsed<String, ContentDigest> digests = new RecentlyUsed<>(IN_MEMORY);
    private final RecentlyUsed<ContentDigest, Instant> uses = new RecentlyUsed<>(IN_MEMORY);
    private final FileMutex storeLock;
    private final FileMutex[] imageLocks = new FileMutex[STRIPES];

    private ImageStore(StoreDirectory directory, StoreLimits limits, Clock clock) {
        this.directory = directory;
        this.clock = clock;
        this.index = new CopyIndex(directory);
        this.verdicts = new VerdictCache(directory, clock);
        this.restful = limits.quiet().dividedBy(3);
        this.housekeeping = new Housekeeping(directory, limits, clock);
        this.storeLock = new FileMutex(directory, "store");
        for (int at = 0; at < STRIPES; at++) {
            imageLocks[at] = new FileMutex(directory, "image-" + at);
        }
    }

    /**
     * Opens the store, makes its directories when absent.
     *
     * @throws StoreException when it cannot be created, or other accounts have a hand in it
     */
    public static ImageStore open(Path root, StoreLimits limits, Clock clock) throws StoreException {
        return new ImageStore(StoreDirectory.open(root), limits.of(root), clock);
    }

    /**
     * Opens the store of a user, {@code ~/.dunnage/cache}, as commands without root do.
     *
     * @throws StoreException as {@link #open}
     */
    public static ImageStore ofUser(Path home, StoreLimits limits, Clock clock) throws StoreException {
        return open(StoreDirectory.ofUser(home), limits, clock);
    }

    /** What verifications found out, kept beside the copies. */
    public VerdictCache verdicts() {
        return verdicts;
    }

    /** Removes what killed processes left behind. */
    public void sweep() throws StoreException {
        try {
            storeLock.holding(() -> {
                directory.restore();
                housekeeping.sweep();
                return directory;
            });
        } catch (IOException e) {
            throw StoreErrors.broken(directory.root(), e);
        }
    }

    /**
     * A copy of the image: the one made earlier when the file has not changed since, else a new one, copied and hashed in
     * one pass. Concurrent calls for the same file make one copy.
     *
     * @throws StoreException when the disk is full, the image above the store's bound, or the store cannot be written
     * @throws IOException when the image cannot be read
     */
    public StoredImage copyOf(OpenImage image) throws IOException, StoreException {
        ImageFacts facts = image.facts();
        Optional<StoredImage> recent = recent(facts);
        if (recent.isPresent()) {
            return recent.get();
        }
        FileMutex lock = imageLocks[Math.floorMod(facts.identity().hashCode(), STRIPES)];
        return lock.holding(() -> {
            Optional<StoredImage> known = find(facts);
            return known.isPresent() ? known.get() : copy(image, facts);
        });
    }

    /** Of this process's own knowledge. A copy whose use was noted lately is safe from every sweeper for a while yet. */
    private Optional<StoredImage> recent(ImageFacts facts) {
        Instant old = clock.instant().minus(restful);
        return digests.get(facts.identity())
                .filter(digest -> facts.isReliable()
                        && uses.get(digest).filter(old::isBefore).isPresent())
                .map(digest -> new StoredImage(digest, directory.copy(digest)))
                .filter(copy -> Files.exists(copy.file()));
    }

    private Optional<StoredImage> find(ImageFacts facts) throws StoreException {
        try {
            Optional<ContentDigest> digest = index.find(facts);
            digest.ifPresent(found -> digests.put(facts.identity(), found));
            return digest.isPresent() ? use(digest.get()) : Optional.empty();
        } catch (IOException e) {
            throw StoreErrors.broken(directory.root(), e);
        }
    }

    /** Marks a copy as used just now, so that it is not evicted before its plan is carried out. */
    private Optional<StoredImage> use(ContentDigest digest) throws IOException, StoreException {
        Path file = directory.copy(digest);
        return storeLock.holding(() -> {
            try {
                Instant now = clock.instant();
                Files.setLastModifiedTime(file, FileTime.from(now));
                uses.put(digest, now);
                return Optional.of(new StoredImage(digest, file));
            } catch (NoSuchFileException e) {
                return Optional.empty();
            }
        });
    }

    private StoredImage copy(OpenImage image, ImageFacts before) throws IOException, StoreException {
        try (CopyInTheMaking copy = begin(image, before.size())) {
            ContentDigest digest = fill(copy, image, before.size());
            StoredImage stored = publish(copy, digest);
            if (image.facts().equals(before) && before.isReliable() && before.isSettled(clock.instant())) {
                remember(before, digest);
            }
            return stored;
        }
    }

    private CopyInTheMaking begin(OpenImage image, long size) throws StoreException {
        try {
            return storeLock.holding(() -> {
                directory.restore();
                housekeeping.sweep();
                housekeeping.makeRoom(size);
                index.prune();
                CopyInTheMaking copy = CopyInTheMaking.create(directory, image);
                if (copy.isShared()) {
                    return copy;
                }
                long free = Files.getFileStore(directory.root()).getUsableSpace();
                if (free < size) {
                    copy.close();
                    throw StoreErrors.full(
                            directory.root(), new IOException(size + " bytes are needed, " + free + " are free"));
                }
                return copy;
            });
        } catch (IOException e) {
            throw StoreErrors.broken(directory.root(), e);
        }
    }

    private ContentDigest fill(CopyInTheMaking copy, OpenImage image, long size) throws IOException, StoreException {
        try {
            return copy.fill(image.bytes(), size);
        } catch (IOException e) {
            if (StoreErrors.isFull(e)) {
                throw StoreErrors.full(directory.root(), e);
            }
            throw e;
        }
    }

    private StoredImage publish(CopyInTheMaking copy, ContentDigest digest) throws StoreException {
        try {
            Optional<StoredImage> same = use(digest);
            if (same.isPresent()) {
                return same.get();
            }
            copy.publish(directory, digest);
            return use(digest).orElseThrow(() -> new NoSuchFileException(digest.hex()));
        } catch (IOException e) {
            throw StoreErrors.broken(directory.root(), e);
        }
    }

    private void remember(ImageFacts facts, ContentDigest digest) throws StoreException {
        try {
            index.put(facts, digest);
            digests.put(facts.identity(), digest);
        } catch (IOException e) {
            throw StoreErrors.broken(directory.root(), e);
        }
    }
}
