package dev.dunnage.launcher.plan;

import dev.dunnage.launcher.mpi.ImageScan;
import dev.dunnage.launcher.mpi.ImageTree;
import dev.dunnage.launcher.store.ContentHash;
import dev.dunnage.launcher.store.ImageFacts;
import dev.dunnage.launcher.store.OpenImage;
import dev.dunnage.launcher.store.RecentlyUsed;
import dev.dunnage.launcher.store.StoreException;
import dev.dunnage.launcher.store.StoredImage;
import dev.dunnage.launcher.store.VerdictCache;
import dev.dunnage.launcher.wire.Code;
import dev.dunnage.launcher.wire.ContentDigest;
import dev.dunnage.mpi.facts.Speech;
import dev.dunnage.mpi.facts.TreeFacts;
import dev.dunnage.mpi.gpu.CudaCompat;
import dev.dunnage.mpi.tree.TreePaths;
import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifFormatException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;

/**
 * The image of one request, looked at no closer than somebody asks. Once it is {@linkplain #fix fixed}, everything that
 * is told of it is told of bytes that no user can change. Not thread-safe.
 */
final class ImageInHand implements AutoCloseable {

    private final OpenImage original;
    private final ImageFacts facts;
    private final String shownName;
    private final Care care;
    private final StoreSource stores;
    private final RecentlyUsed<String, RootFileSystem> known;
    private final Clock clock;
    private Optional<StoredImage> copy = Optional.empty();
    private Optional<FileChannel> channel = Optional.empty();
    private Optional<RootFileSystem> structure = Optional.empty();

    /** What the answer is for. */
    enum Care {
        /** For a step whose image root mounts: nobody may change it. */
        STEP(RootFileSystem.Use.RUN),
        /** For a user who mounts it himself: verified in place, for his own good. */
        ADVICE(RootFileSystem.Use.OPEN),
        /** For nobody who runs it: it need not be able to run here, and nothing is kept. */
        TRIAL(RootFileSystem.Use.TRIAL);

        private final RootFileSystem.Use use;

        Care(RootFileSystem.Use use) {
            this.use = use;
        }

        RootFileSystem.Use use() {
            return use;
        }
    }

    private ImageInHand(
            OpenImage original,
            String shownName,
            Care care,
            StoreSource stores,
            RecentlyUsed<String, RootFileSystem> known,
            Clock clock)
            throws IOException, RefusedException {
        this.original = original;
        this.facts = original.facts();
        this.shownName = shownName;
        this.care = care;
        this.stores = stores;
        this.known = known;
        this.clock = clock;
        if (!facts.isRegular()) {
            throw new RefusedException(
                    Code.IMAGE_BAD, "image " + shownName + " is not a regular file; give the path of a SIF file");
        }
    }

    /**
     * An image that somebody opened.
     *
     * @param known structures of images that cannot change, by content
     * @throws RefusedException when it is no regular file
     */
    static ImageInHand of(
            OpenImage image,
            String shownName,
            Care care,
            StoreSource stores,
            RecentlyUsed<String, RootFileSystem> known,
            Clock clock)
            throws IOException, RefusedException {
        return new ImageInHand(image, shownName, care, stores, known, clock);
    }

    String shownName() {
        return shownName;
    }

    /** From now on users cannot change what is told here: of their files a copy is made. */
    void fix() throws IOException, StoreException {
        if (care == Care.STEP && !isFixed()) {
            copy = Optional.of(stores.store().copyOf(original));
            structure = Optional.empty();
        }
    }

    boolean isFixed() {
        return copy.isPresent() || facts.isImmutableForUsers();
    }

    Optional<StoredImage> copy() {
        return copy;
    }

    RootFileSystem structure() throws RefusedException, IOException {
        if (structure.isEmpty()) {
            Optional<String> content = content();
            structure = content.flatMap(known::get);
            if (structure.isEmpty()) {
                RootFileSystem read = RootFileSystem.read(bytes(), shownName, care.use());
                content.filter(name -> read.isSmall()).ifPresent(name -> known.put(name, read));
                structure = Optional.of(read);
            }
        }
        return structure.get();
    }

    /** Where verdicts about the content are kept; empty when it can change, or nothing is to be kept. */
    Optional<Remembered> remembered() throws StoreException {
        Optional<String> content = content();
        return care != Care.TRIAL && content.isPresent()
                ? Optional.of(new Remembered(stores.store().verdicts(), content.get()))
                : Optional.empty();
    }

    /**
     * A place in the cache.
     *
     * @param content name of content that cannot change
     */
    record Remembered(VerdictCache verdicts, String content) {}

    /**
     * What protocols the MPI libraries of the image speak. Told of a user's own file as well: who changes it under our eyes
     * deceives nobody but himself.
     *
     * @return empty when the root file system cannot be looked into
     */
    Optional<Speech> speech() throws RefusedException, IOException, StoreException {
        Optional<String> name = copy.isPresent() || isFixed() ? content() : facts.advisoryName(clock.instant());
        Optional<VerdictCache> notes = care == Care.TRIAL
                ? Optional.empty()
                : Optional.of(stores.store().verdicts());
        try {
            return ImageSpeech.of(notes, name, bytes(), structure().root());
        } catch (SifFormatException e) {
            throw new RefusedException(Code.IMAGE_BAD, "image " + shownName + ": " + e.getMessage(), e);
        }
    }

    /** What MPI and networks the image has libraries for; empty when the root file system cannot be looked into. */
    Optional<TreeFacts> facts() throws RefusedException, IOException {
        try {
            return ImageScan.of(bytes(), structure().root());
        } catch (SifFormatException e) {
            throw new RefusedException(Code.IMAGE_BAD, "image " + shownName + ": " + e.getMessage(), e);
        }
    }

    /** CUDA's libraries for older drivers that the image holds; none when the root file system cannot be looked into. */
    Optional<CudaCompat> cudaCompat() throws RefusedException, IOException {
        try {
            Optional<ImageTree> tree = ImageTree.open(bytes(), structure().root());
            return tree.isEmpty() ? Optional.empty() : CudaCompat.of(new TreePaths(tree.get()));
        } catch (SifFormatException e) {
            throw new RefusedException(Code.IMAGE_BAD, "image " + shownName + ": " + e.getMessage(), e);
        }
    }

    private Optional<String> content() {
        return copy.isPresent()
                ? copy.map(stored -> VerdictCache.subject(stored.digest()))
                : care == Care.ADVICE ? facts.advisoryName(clock.instant()) : facts.contentName(clock.instant());
    }

    /** SHA-256 of the whole file, fixed. */
    ContentDigest digest() throws IOException, StoreException {
        fix();
        if (copy.isPresent()) {
            return copy.get().digest();
        }
        Optional<Remembered> place = remembered();
        Optional<ContentDigest> earlier = place.flatMap(at -> at.verdicts().digest(at.content()));
        if (earlier.isPresent()) {
            return earlier.get();
        }
        ContentDigest digest = ContentHash.of(original.bytes(), facts.size());
        place.ifPresent(at -> at.verdicts().putDigest(at.content(), digest));
        return digest;
    }

    /** The digest, when it costs nothing. */
    Optional<ContentDigest> knownDigest() {
        return copy.map(StoredImage::digest);
    }

    /** Labels of the fixed image. */
    Map<String, String> labels() throws RefusedException, IOException, StoreException {
        fix();
        try {
            return Labels.of(structure().image(), bytes());
        } catch (SifFormatException e) {
            throw new RefusedException(Code.IMAGE_BAD, "image " + shownName + ": " + e.getMessage(), e);
        }
    }

    /** The content: that of the copy when there is one. */
    ImageBytes bytes() throws IOException {
        if (copy.isEmpty()) {
            return original.bytes();
        }
        if (channel.isEmpty()) {
            channel = Optional.of(FileChannel.open(copy.get().file(), StandardOpenOption.READ));
        }
        return ImageBytes.of(channel.get());
    }

    @Override
    public void close() throws IOException {
        if (channel.isPresent()) {
            channel.get().close();
        }
    }
}
