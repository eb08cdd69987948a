package dev.dunnage.launcher.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Keeps the store within its bounds. Every method wants the store's lock held. */
final class Housekeeping {
    private static final Duration VERDICT_LIFE = Duration.ofDays(30);
    private static final Duration DRAFT_LIFE = Duration.ofHours(1);

    private final StoreDirectory directory;
    private final StoreLimits limits;
    private final Clock clock;

    private record Copy(Path file, long size, Instant used) {}

    Housekeeping(StoreDirectory directory, StoreLimits limits, Clock clock) {
        this.directory = directory;
        this.limits = limits;
        this.clock = clock;
    }

    /** Removes what killed processes left behind. */
    void sweep() throws IOException {
        for (Path file : PrivateFiles.list(directory.root(), StoreDirectory.COPY_PREFIX + "*")) {
            // Looking at a file of this process would drop the lock on it: see fcntl(2) about close.
            boolean own = file.getFileName().toString().startsWith(CopyInTheMaking.OWN_PREFIX);
            if (!own && isAbandoned(file)) {
                Files.deleteIfExists(file);
            }
        }
        removeOlder(directory.index(), ".draft-*", DRAFT_LIFE);
        removeOlder(directory.verdicts(), ".draft-*", DRAFT_LIFE);
        removeOlder(directory.verdicts(), "*", VERDICT_LIFE);
    }

    private static boolean isAbandoned(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            return channel.tryLock() != null;
        } catch (NoSuchFileException | AccessDeniedException e) {
            return false; // published in this moment
        }
    }

    private void removeOlder(Path folder, String glob, Duration life) throws IOException {
        Instant oldest = clock.instant().minus(life);
        for (Path file : PrivateFiles.list(folder, glob)) {
            if (modified(file).filter(oldest::isAfter).isPresent()) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** Evicts the copies that were not used for longest until so many bytes fit in; those in use, now or lately, stay. */
    void makeRoom(long size) throws IOException, StoreException {
        if (size > limits.bytes()) {
            throw new StoreException("the image of " + size + " bytes is larger than the whole image store, which may"
                    + " hold " + limits.bytes() + "; ask the site to raise the limit, or to install the image as a"
                    + " file that only root can change");
        }
        List<Copy> copies = copies();
        long total = copies.stream().mapToLong(Copy::size).sum();
        Instant quiet = clock.instant().minus(limits.quiet());
        for (Copy copy : copies) {
            if (total + size <= limits.bytes() || !copy.used().isBefore(quiet)) {
                break;
            }
            if (!Kernel.isLocked(copy.file())) {
                Files.deleteIfExists(copy.file());
                total -= copy.size();
            }
        }
        if (total + size > limits.bytes()) {
            throw new StoreException("the image store may hold " + limits.bytes() + " bytes, and " + total
                    + " of them are images that steps use or used in the last minutes; start again later, or ask the"
                    + " site to raise the limit");
        }
    }

    private List<Copy> copies() throws IOException {
        List<Copy> copies = new ArrayList<>();
        for (Path file : PrivateFiles.list(directory.root(), "*" + StoreDirectory.SUFFIX)) {
            Optional<Instant> used = modified(file);
            if (used.isPresent()) {
                copies.add(new Copy(file, Files.size(file), used.get()));
            }
        }
        copies.sort(Comparator.comparing(Copy::used));
        return copies;
    }

    private static Optional<Instant> modified(Path file) throws IOException {
        try {
            return Optional.of(Files.getLastModifiedTime(file).toInstant());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }
}
