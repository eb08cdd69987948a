package dev.dunnage.launcher.pull;

import dev.dunnage.launcher.cache.CacheCare;
import dev.dunnage.launcher.cache.CacheException;
import dev.dunnage.launcher.cache.CachedImage;
import dev.dunnage.launcher.cache.ImageCache;
import dev.dunnage.launcher.cache.ImageName;
import dev.dunnage.launcher.reference.Digest;
import dev.dunnage.launcher.reference.ImageReference;
import dev.dunnage.launcher.web.Meter;
import dev.dunnage.launcher.web.WebException;
import dev.dunnage.policy.SourceSettings.PullMode;
import dev.dunnage.sif.Architecture;
import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifFormatException;
import dev.dunnage.sif.SifImage;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/** Brings images into a cache, each content once, however many ask for it at the same time. */
public final class Puller {
    /** In place of a digest that is not known; registries pin by that of the manifest. */
    private static final Digest NONE = new Digest("0".repeat(64));

    private final ImageCache cache;
    private final Servers servers;
    private final Meter meter;
    private final Consumer<String> notices;

    /**
     * Prepares.
     *
     * @param notices is told what makes a user wait
     */
    public Puller(ImageCache cache, Servers servers, Meter meter, Consumer<String> notices) {
        this.cache = cache;
        this.servers = servers;
        this.meter = meter;
        this.notices = notices;
    }

    /**
     * The image, from the cache if the mode lets it be.
     *
     * @throws PullException when it cannot be had
     */
    public CachedImage pull(ImageReference reference, Architecture architecture, PullMode mode) throws IOException {
        ImageName name = ImageName.of(servers.complete(reference), architecture);
        boolean isPinned = reference.digest().isPresent();
        Optional<CachedImage> known = isPinned || mode != PullMode.ALWAYS ? cache.find(name) : Optional.empty();
        if (known.isPresent()) {
            return known.get();
        } else if (mode == PullMode.NEVER) {
            throw new PullException(
                    reference,
                    "it is not in the cache " + cache.root() + ", and pulling is switched off (never); pull it first"
                            + " with 'dunnage pull --to-cache'");
        }
        try {
            cache.prepare();
            return cache.alone(
                    name,
                    holder -> notices.accept("waiting for " + holder + ", which is pulling " + reference),
                    waited -> {
                        Optional<CachedImage> meanwhile =
                                waited || mode != PullMode.ALWAYS ? cache.find(name) : Optional.empty();
                        return meanwhile.isPresent() ? meanwhile.get() : fetch(reference, architecture, name);
                    });
        } catch (PullException | CacheException | InterruptedIOException e) {
            throw e;
        } catch (WebException e) {
            throw new PullException(reference, String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw new PullException(
                    reference,
                    "writing to the cache " + cache.root() + " failed (" + e.getMessage()
                            + "); see 'dunnage cache list' and 'dunnage cache clean', or name another directory with"
                            + " DUNNAGE_CACHEDIR",
                    e);
        }
    }

    private CachedImage fetch(ImageReference reference, Architecture architecture, ImageName name) throws IOException {
        RemoteImage image = servers.find(reference, architecture, notices);
        Optional<Digest> content = image.content().filter(cache::has);
        if (content.isEmpty()) {
            // the same layers under another tag were converted before
            content = cache.find(pinnedName(image, image.content().orElse(NONE), architecture))
                    .map(CachedImage::content)
                    .filter(cache::has);
        }
        if (content.isEmpty()) {
            RemoteImage.Fetched fetched = image.fetch(new Parts(cache, meter, notices));
            check(reference, fetched.path());
            cache.add(fetched.path(), fetched.content());
            content = Optional.of(fetched.content());
        }
        ImageReference pinned = image.pinned(content.get());
        cache.name(pinnedName(image, content.get(), architecture), content.get(), pinned.toString());
        CachedImage result = cache.name(name, content.get(), pinned.toString());
        new CacheCare(cache).trim(content.get());
        return result;
    }

    /**
     * Takes an image into the cache that another node has pulled.
     *
     * @param pinned reference that always means this content
     * @param content what it must be
     * @param file where it lies; empty only looks whether the cache has it
     * @return whether the cache has it now
     */
    public boolean take(
            ImageReference reference,
            ImageReference pinned,
            Digest content,
            Architecture architecture,
            Optional<Path> file)
            throws IOException {
        ImageName exact = ImageName.of(servers.complete(pinned), architecture);
        boolean isKnown = cache.find(exact)
                .filter(image -> image.content().equals(content))
                .isPresent();
        if (!isKnown && !cache.has(content)) {
            if (file.isEmpty()) {
                return false;
            }
            Digest found = CacheCare.hash(file.get());
            if (!found.equals(content)) {
                throw new PullException(reference, "what was sent has the digest " + found + " instead of " + content);
            }
            check(reference, file.get());
            cache.add(file.get(), content);
        }
        if (cache.has(content)) {
            cache.name(exact, content, pinned.toString());
            cache.name(ImageName.of(servers.complete(reference), architecture), content, pinned.toString());
            new CacheCare(cache).trim(content);
        }
        return true;
    }

    private ImageName pinnedName(RemoteImage image, Digest content, Architecture architecture) {
        return ImageName.of(servers.complete(image.pinned(content)), architecture);
    }

    /** What is no image is not kept: a page of a web server, most often. */
    private static void check(ImageReference reference, Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            SifImage.read(ImageBytes.of(channel));
        } catch (SifFormatException e) {
            Files.deleteIfExists(file);
            throw new PullException(
                    reference, "what came is no SIF image (" + e.getMessage() + "); check the address", e);
        }
    }
}
