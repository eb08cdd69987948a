package dev.dunnage.launcher.plan;

import dev.dunnage.launcher.accounts.Accounts;
import dev.dunnage.launcher.audit.AuditException;
import dev.dunnage.launcher.hints.NodeOffer;
import dev.dunnage.launcher.store.OpenImage;
import dev.dunnage.launcher.store.RecentlyUsed;
import dev.dunnage.launcher.store.StoreException;
import dev.dunnage.launcher.store.StoredImage;
import dev.dunnage.launcher.wire.Code;
import dev.dunnage.launcher.wire.Driver;
import dev.dunnage.launcher.wire.HostFiles;
import dev.dunnage.launcher.wire.LaunchPlan;
import dev.dunnage.launcher.wire.LaunchRequest;
import dev.dunnage.launcher.wire.Refusal;
import dev.dunnage.launcher.wire.Reply;
import dev.dunnage.mpi.tree.HostTree;
import dev.dunnage.mpi.tree.TreePaths;
import dev.dunnage.policy.AuditSettings;
import dev.dunnage.policy.Decision;
import dev.dunnage.policy.Grants;
import dev.dunnage.policy.ImageFacts;
import dev.dunnage.policy.MountDriver;
import dev.dunnage.policy.MpiMode;
import dev.dunnage.policy.SiteConfig;
import dev.dunnage.policy.Subject;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Answers a request with a plan or a refusal. Thread-safe. */
public final class StepPlanner {
    private static final int IMAGES_IN_MEMORY = 1024;

    private final SiteFiles site;
    private final StoreSource stores;
    private final Accounts accounts;
    private final Recorder recorder;
    private final Clock clock;
    private final Consumer<String> log;
    private final Suitability suitability;
    private final Path machine;
    private final HostMpiFiles hostMpi;
    private final RecentlyUsed<String, RootFileSystem> structures = new RecentlyUsed<>(IMAGES_IN_MEMORY);

    /**
     * Reads nothing yet.
     *
     * @param log gets the traces of our own faults
     */
    public StepPlanner(
            SiteFiles site,
            StoreSource stores,
            Accounts accounts,
            Recorder recorder,
            Clock clock,
            Consumer<String> log) {
        this(site, stores, accounts, recorder, clock, log, Path.of("/"));
    }

    /** The same on a machine whose files lie elsewhere. */
    StepPlanner(
            SiteFiles site,
            StoreSource stores,
            Accounts accounts,
            Recorder recorder,
            Clock clock,
            Consumer<String> log,
            Path machine) {
        this.suitability = new Suitability(new NodeOffer(machine));
        this.machine = machine;
        this.site = site;
        this.stores = stores;
        this.accounts = accounts;
        this.recorder = recorder;
        this.clock = clock;
        this.hostMpi = new HostMpiFiles(clock);
        this.log = log;
    }

    /**
     * Decides one step, and records the decision. Answers a {@link LaunchPlan} or a {@link Refusal}, whatever happens.
     *
     * @param who the user of the step, whatever the request says about him
     */
    public Reply plan(LaunchRequest request, Identity who, OpenImage image) {
        Course course = new Course(request, who);
        return recorded(course, answer(request, who, image, course));
    }

    /** Refuses for a reason that is found elsewhere, and records it. */
    public Reply refuse(LaunchRequest request, Identity who, Refusal refusal) {
        return recorded(new Course(request, who), refusal);
    }

    private Reply recorded(Course course, Reply reply) {
        AuditSettings settings =
                course.site().map(known -> known.config().audit()).orElseGet(site::audit);
        try {
            recorder.write(settings, course.record(reply, clock.instant()));
        } catch (AuditException | IOException e) {
            if (settings.required()) {
                return Refusal.line(
                        Code.SETUP,
                        "the decision about this step cannot be recorded (" + e.getMessage()
                                + "), and this site demands that; tell your system administrators");
            }
        }
        return reply;
    }

    private Reply answer(LaunchRequest request, Identity who, OpenImage image, Course course) {
        try {
            if (request.rootless() && site.isWithoutPolicy()) {
                return withoutPolicy(request, image);
            }
            Site now = site.current();
            course.found(now);
            return plan(now, request, who, image, course);
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
    private LaunchPlan withoutPolicy(LaunchRequest request, OpenImage image)
            throws RefusedException, StoreException, IOException {
        StepLayout layout = StepLayout.of(request, site.settings());
        try (ImageInHand hand = hand(request, image)) {
            Driver driver = own(hand);
            MpiWish.check(request, hand);
            List<String> notices = new ArrayList<>(unseen(request, hand));
            Optional<HostMpiFiles.Found> host = hostMpi(request, site.settings(), hand, Optional.empty(), notices);
            TransportCheck.check(request, machine, hand, host);
            GpuParts gpus = gpus(request, site.settings(), Grants.defaults(), "", hand);
            notices.addAll(gpus.notices());
            return layout.with(gpus)
                    .plan(
                            driver,
                            Optional.empty(),
                            hand.structure().root(),
                            "allowed: this machine has no policy",
                            notices,
                            gpus.beside(files(host)));
        }
    }

    private GpuParts gpus(LaunchRequest request, SiteConfig config, Grants grants, String place, ImageInHand image)
            throws RefusedException, IOException {
        return new GpuWiring(new TreePaths(new HostTree(machine)), config.gpu(), grants, place).parts(request, image);
    }

    /**
     * Libraries of this machine for an image. A site that wants them everywhere has images that cannot have them; who asks for
     * them gets them or is told why not.
     */
    private Optional<HostMpiFiles.Found> hostMpi(
            LaunchRequest request,
            SiteConfig config,
            ImageInHand image,
            Optional<Confining> confining,
            List<String> notices)
            throws RefusedException, IOException, StoreException {
        MpiMode mode = MpiWish.of(request, config);
        boolean instead = mode == MpiMode.AUTO && MpiWish.mayBind(request, config);
        boolean wanted = mode == MpiMode.BIND || mode == MpiMode.FABRIC;
        if (!wanted
                && !(instead
                        && image.speech()
                                .flatMap(speech -> speech.objection(request.mpiType()))
                                .isPresent())) {
            return Optional.empty();
        }
        try {
            if (confining.isPresent()) {
                confining.get().allowHostLibraries(request);
            }
            HostMpiFiles.Found found = hostMpi.of(request, config, image, mode == MpiMode.FABRIC);
            if (instead) {
                notices.add("the image's MPI does not speak what --mpi="
                        + request.mpiType().orElse("none")
                        + " offers, so the nodes' MPI takes its place (--container-mpi=hybrid leaves it)");
            }
            found.notice().ifPresent(notices::add);
            return Optional.of(found);
        } catch (RefusedException e) {
            if (wanted && request.mpi().isPresent()) {
                throw e;
            }
            if (wanted && request.stepTasks() > 1) {
                notices.add("this site's mpi-mode: " + mode.text() + " does not fit, so the image's MPI is used: "
                        + e.refusal().message());
            }
            return Optional.empty();
        }
    }

    private static List<String> unseen(LaunchRequest request, ImageInHand image) throws RefusedException, IOException {
        return image.structure()
                .unseen(image.shownName(), request.rootless() ? "--overlay DIR:ro" : "--container-overlay=DIR:ro");
    }

    private static HostFiles files(Optional<HostMpiFiles.Found> host) {
        return host.map(HostMpiFiles.Found::files).orElse(HostFiles.NONE);
    }

    private static String trace(Throwable fault) {
        StringWriter text = new StringWriter();
        fault.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    private LaunchPlan plan(Site now, LaunchRequest request, Identity who, OpenImage open, Course course)
            throws RefusedException, StoreException, IOException {
        StepLayout wanted = StepLayout.of(request, now.config());
        try (ImageInHand image = hand(request, open)) {
            Subject subject = who.subject(now.policy(), accounts);
            Path path = who.plugin() ? path(request) : Files.readSymbolicLink(open.file());
            course.found(path);
            Judgement judgement = new Judge(now.policy(), now.keys(), clock.instant())
                    .judge(subject, ImageFacts.at(path).from(ImageOrigin.of(request.imageRef())), image);
            course.found(judgement, image);
            Decision.Allow allowed = allowed(now, request, judgement.decision());
            Driver driver = request.rootless() ? own(image) : driver(judgement, allowed, image);
            MpiWish.check(request, image);
            List<String> notices = new ArrayList<>(suitability.check(request, wanted.mpiGuard(), image));
            notices.addAll(unseen(request, image));
            Grants grants = judgement.rule().grants();
            String place = place(now, allowed);
            Confining confining = new Confining(grants, place);
            GpuParts gpus = gpus(request, now.config(), grants, place, image);
            notices.addAll(gpus.notices());
            StepLayout layout = confining.layout(wanted.with(gpus), request, subject, gpus);
            Confining.networkNotice(request, layout.confinement()).ifPresent(notices::add);
            Optional<HostMpiFiles.Found> host = hostMpi(request, now.config(), image, Optional.of(confining), notices);
            TransportCheck.check(request, machine, image, host);
            return layout.plan(
                    driver,
                    image.copy().map(StoredImage::digest),
                    image.structure().root(),
                    allowed.oneLine(),
                    notices,
                    gpus.beside(files(host)));
        }
    }

    /** Without root nothing stops the user from serving other bytes: the file itself is verified, and nothing is copied. */
    private ImageInHand hand(LaunchRequest request, OpenImage image) throws IOException, RefusedException {
        ImageInHand.Care care = request.rootless() ? ImageInHand.Care.ADVICE : ImageInHand.Care.STEP;
        return ImageInHand.of(image, request.imageRef(), care, stores, structures, clock);
    }

    private static String place(Site now, Decision decision) {
        return "rule '" + decision.rule() + "', " + decision.file() + ":" + decision.line() + "; questions to "
                + now.config().contact();
    }

    private static Path path(LaunchRequest request) throws RefusedException {
        try {
            return Path.of(request.imagePath());
        } catch (InvalidPathException e) {
            throw new RefusedException(
                    Code.REQUEST,
                    "the name of image " + request.imageRef() + " cannot be used here (" + e.getReason()
                            + "); rename it to plain letters, or have the site run the launcher with LC_ALL=C.UTF-8",
                    e);
        }
    }

    private static Decision.Allow allowed(Site now, LaunchRequest request, Decision decision) throws RefusedException {
        if (decision instanceof Decision.Allow allow) {
            return allow;
        }
        throw new RefusedException(
                Code.POLICY,
                "image " + request.imageRef() + " " + decision.oneLine() + "; questions to "
                        + now.config().contact()
                        + now.trouble()
                                .map(trouble -> " (this is an earlier policy: " + trouble + ")")
                                .orElse(""));
    }

    /** What a user mounts himself. */
    private static Driver own(ImageInHand image) throws RefusedException, IOException {
        return image.structure().isEncrypted() ? Driver.GOCRYPTFS : Driver.FUSE;
    }

    /** What the kernel mounts is trusted, and cannot change. */
    private static Driver driver(Judgement judgement, Decision.Allow allowed, ImageInHand image)
            throws RefusedException, IOException {
        if (judgement.rule().demandsSignature() && !image.isFixed()) {
            throw new RefusedException(
                    Code.INTERNAL,
                    "image " + image.shownName() + " without signatures was allowed; report this as a bug");
        }
        MountDriver driver = judgement.rule().grants().driver().effective(allowed.trusted());
        if (driver != MountDriver.KERNEL) {
            return Driver.FUSE;
        }
        if (!image.structure().fitsLoopDevice()) {
            throw new RefusedException(
                    Code.IMAGE_BAD,
                    "the root file system of image " + image.shownName() + " starts at byte "
                            + image.structure().root().offset()
                            + ", which is no multiple of 512, so the kernel cannot mount it; build"
                            + " and sign the image anew");
        }
        return Driver.KERNEL;
    }
}
