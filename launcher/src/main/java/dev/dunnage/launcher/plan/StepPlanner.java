package dev.dunnage.launcher.plan;

import dev.dunnage.launcher.store.ImageFacts;
import dev.dunnage.launcher.store.ImageStore;
import dev.dunnage.launcher.store.OpenImage;
import dev.dunnage.launcher.store.StoreException;
import dev.dunnage.launcher.store.StoredImage;
import dev.dunnage.launcher.store.VerdictCache;
import dev.dunnage.launcher.wire.Code;
import dev.dunnage.launcher.wire.ContentDigest;
import dev.dunnage.launcher.wire.Driver;
import dev.dunnage.launcher.wire.LaunchPlan;
import dev.dunnage.launcher.wire.LaunchRequest;
import dev.dunnage.launcher.wire.Refusal;
import dev.dunnage.launcher.wire.Reply;
import dev.dunnage.policy.Decision;
import dev.dunnage.policy.Rule;
import dev.dunnage.policy.SignatureFacts;
import dev.dunnage.sif.ImageBytes;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.channels.FileChannel;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Answers a request with a plan or a refusal. Thread-safe.
 *
 * <p>The order of the checks keeps the costs of refused requests low: nothing is hashed or copied before the rule is known
 * to need it and the image to be runnable.
 */
public final class StepPlanner {
    private final SiteFiles site;
    private final StoreSource stores;
    private final SignatureCheck signatures;
    private final Consumer<String> log;

    /** Opens the image store when it is needed for the first time: open rules never need it. */
    public interface StoreSource {
        /** The store, open. */
        ImageStore store() throws StoreException;
    }

    /**
     * Reads nothing yet.
     *
     * @param log gets the traces of our own faults
     */
    public StepPlanner(SiteFiles site, StoreSource stores, Clock clock, Consumer<String> log) {
        this.log = log;
        this.site = site;
        this.stores = stores;
        this.signatures = new SignatureCheck(clock);
    }

    /** What of the image is mounted, and how. */
    private record Mounted(Driver driver, Optional<ContentDigest> storeCopy, RootFileSystem image, Decision decision) {}

    /** Decides one step. Answers a {@link LaunchPlan} or a {@link Refusal}, whatever happens. */
    public Reply plan(LaunchRequest request, OpenImage image) {
        try {
            if (request.rootless() && site.isWithoutPolicy()) {
                return withoutPolicy(request, image);
            }
            Site now = site.current();
            StepLayout layout = StepLayout.of(request, now.config());
            Mounted mounted = decide(now, request, image);
            return layout.plan(
                    mounted.driver(),
                    mounted.storeCopy(),
                    mounted.image().root(),
                    mounted.decision().oneLine());
        } catch (RefusedException e) {
            return e.refusal();
        } catch (StoreException e) {
            return Refusal.line(Code.SETUP, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return RootFileSystem.unreadable(request.imageRef(), e).refusal();
        } catch (RuntimeException | StackOverflowError e) {
            log.accept(trace(e));
            return Refusal.line(
                    Code.INTERNAL, "a fault of Dunnage (" + e + "); report it with the log of node " + request.node());
        }
    }

    /** A machine that nobody wrote a policy for, such as a laptop: users run what they like there, as themselves. */
    private LaunchPlan withoutPolicy(LaunchRequest request, OpenImage image) throws RefusedException, IOException {
        requireRegular(request, image.facts());
        StepLayout layout = StepLayout.of(request, site.settings());
        RootFileSystem root = RootFileSystem.read(image.bytes(), request.imageRef());
        return layout.plan(Driver.FUSE, Optional.empty(), root.root(), "allowed: this machine has no policy");
    }

    private static String trace(Throwable fault) {
        StringWriter text = new StringWriter();
        fault.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    private Mounted decide(Site now, LaunchRequest request, OpenImage image)
            throws RefusedException, StoreException, IOException {
        ImageFacts facts = image.facts();
        requireRegular(request, facts);
        Rule rule = ruleFor(now, request);
        if (!rule.needsSignature()) {
            Decision decision = allowed(now, request, rule.decide(nothingKnown()));
            RootFileSystem root = RootFileSystem.read(image.bytes(), request.imageRef());
            return new Mounted(Driver.FUSE, Optional.empty(), root, decision);
        }
        RootFileSystem claimed = RootFileSystem.read(image.bytes(), request.imageRef());
        if (!request.rootless()) {
            requireAlignment(claimed, request);
        }
        if (request.rootless()) {
            return advised(now, request, rule, claimed, facts);
        }
        if (facts.isImmutableForUsers() || !claimed.hasSignature()) {
            return inPlace(now, request, rule, claimed, facts);
        }
        return fromStore(now, request, rule, image);
    }

    private static void requireRegular(LaunchRequest request, ImageFacts facts) throws RefusedException {
        if (!facts.isRegular()) {
            throw new RefusedException(
                    Code.IMAGE_BAD,
                    "image " + request.imageRef() + " is not a regular file; give the path of a SIF file");
        }
    }

    private static Rule ruleFor(Site now, LaunchRequest request) throws RefusedException {
        try {
            return now.policy().ruleFor(Path.of(request.imagePath()));
        } catch (InvalidPathException e) {
            throw new RefusedException(
                    Code.REQUEST,
                    "the name of image " + request.imageRef() + " cannot be used here (" + e.getReason()
                            + "); rename it to plain letters, or have the site run the launcher with LC_ALL=C.UTF-8",
                    e);
        }
    }

    /** A file that users can change comes here only without signatures: then the rule is sure to refuse it. */
    private Mounted inPlace(Site now, LaunchRequest request, Rule rule, RootFileSystem image, ImageFacts facts)
            throws RefusedException, StoreException, IOException {
        VerdictCache verdicts = stores.store().verdicts();
        SignatureFacts found = signatures.facts(image, now.keys(), verdicts, verdicts.subject(facts));
        Decision decision = allowed(now, request, rule.decide(found));
        if (!facts.isImmutableForUsers()) {
            throw new RefusedException(
                    Code.INTERNAL,
                    "image " + request.imageRef() + " without signatures was allowed; report this as a bug");
        }
        return new Mounted(Driver.KERNEL, Optional.empty(), image, decision);
    }

    /** Without root nothing stops the user from serving other bytes: the file itself is verified, and nothing is copied. */
    private Mounted advised(Site now, LaunchRequest request, Rule rule, RootFileSystem image, ImageFacts facts)
            throws RefusedException, StoreException, IOException {
        VerdictCache verdicts = stores.store().verdicts();
        SignatureFacts found = signatures.facts(image, now.keys(), verdicts, verdicts.advisorySubject(facts));
        return new Mounted(Driver.FUSE, Optional.empty(), image, allowed(now, request, rule.decide(found)));
    }

    /** Nothing that was read from the user's file counts any more: structure, signatures and mount are the copy's. */
    private Mounted fromStore(Site now, LaunchRequest request, Rule rule, OpenImage original)
            throws RefusedException, StoreException, IOException {
        ImageStore store = stores.store();
        StoredImage copy = store.copyOf(original);
        try (FileChannel channel = FileChannel.open(copy.file(), StandardOpenOption.READ)) {
            RootFileSystem image = RootFileSystem.read(ImageBytes.of(channel), request.imageRef());
            requireAlignment(image, request);
            Optional<String> subject = Optional.of(VerdictCache.subject(copy.digest()));
            SignatureFacts found = signatures.facts(image, now.keys(), store.verdicts(), subject);
            Decision decision = allowed(now, request, rule.decide(found));
            return new Mounted(Driver.KERNEL, Optional.of(copy.digest()), image, decision);
        }
    }

    private static void requireAlignment(RootFileSystem image, LaunchRequest request) throws RefusedException {
        if (!image.fitsLoopDevice()) {
            throw new RefusedException(
                    Code.IMAGE_BAD,
                    "the root file system of image " + request.imageRef() + " starts at byte "
                            + image.root().offset()
                            + ", which is no multiple of 512, so the kernel cannot mount it; build"
                            + " and sign the image anew");
        }
    }

    private static Decision allowed(Site now, LaunchRequest request, Decision decision) throws RefusedException {
        if (decision instanceof Decision.Deny deny) {
            throw new RefusedException(
                    Code.POLICY,
                    "image " + request.imageRef() + " " + deny.oneLine() + "; questions to "
                            + now.config().contact());
        }
        return decision;
    }

    private static SignatureFacts nothingKnown() {
        return new SignatureFacts(Optional.of("not looked at"), Set.of(), Set.of());
    }
}
