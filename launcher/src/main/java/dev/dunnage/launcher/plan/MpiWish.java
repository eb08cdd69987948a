package dev.dunnage.launcher.plan;

import dev.dunnage.launcher.store.StoreException;
import dev.dunnage.launcher.wire.Code;
import dev.dunnage.launcher.wire.LaunchRequest;
import dev.dunnage.mpi.PmiKind;
import dev.dunnage.policy.MpiMode;
import dev.dunnage.policy.SiteConfig;
import java.io.IOException;
import java.util.Optional;

/** What the user said with {@code --container-mpi}, and what the site allows of it. */
final class MpiWish {
    private static final String OPTION = "--container-mpi=";

    private MpiWish() {}

    /** The mode of a step, or the refusal of a wish that cannot be met. */
    static MpiMode of(LaunchRequest request, SiteConfig config) throws RefusedException {
        String wish = request.mpi().orElse(MpiMode.AUTO.text());
        boolean required = MpiMode.isDemanded(wish);
        Optional<MpiMode> named = MpiMode.wished(wish);
        if (named.isEmpty() || (required && (named.get() == MpiMode.AUTO || named.get() == MpiMode.NONE))) {
            throw new RefusedException(
                    Code.REQUEST,
                    OPTION + wish
                            + ": allowed are auto, hybrid, bind, fabric, none, require:hybrid, require:bind and require:fabric");
        }
        MpiMode mode = allowed(named.get(), wish, config);
        if (required && hasNoLauncher(request)) {
            throw new RefusedException(
                    Code.REQUEST,
                    OPTION + wish + ": Slurm offers this step no PMI (--mpi="
                            + request.mpiType().orElse("none")
                            + "), so that each rank would run alone; use srun --mpi=pmix or --mpi=pmi2");
        }
        return mode;
    }

    /**
     * Refuses a step that must find its ranks and whose image cannot. Without the demand nobody looks: the program may be
     * another than the image's MPI programs, and those are stopped by the guard.
     */
    static void check(LaunchRequest request, ImageInHand image) throws RefusedException, IOException, StoreException {
        String wish = request.mpi().orElse("");
        boolean own = wish.equals(MpiMode.HYBRID.demand()) || wish.equals(MpiMode.FABRIC.demand());
        if (!own || request.stepTasks() <= 1) {
            return;
        }
        Optional<String> objection = image.speech().flatMap(speech -> speech.objection(request.mpiType()));
        if (objection.isPresent()) {
            throw new RefusedException(
                    Code.REQUEST, OPTION + wish + ", image " + image.shownName() + ": " + objection.get());
        }
    }

    /** Whether the nodes' MPI may help where the image's cannot: the site says which that is, and the launcher is known. */
    static boolean mayBind(LaunchRequest request, SiteConfig config) {
        PmiKind kind = PmiKind.of(request.mpiType());
        return request.stepTasks() > 1
                && (kind == PmiKind.PMIX || kind == PmiKind.PMI2)
                && config.mpi()
                        .filter(profile -> !profile.installations().isEmpty())
                        .isPresent();
    }

    private static MpiMode allowed(MpiMode wished, String wish, SiteConfig config) throws RefusedException {
        Optional<MpiMode> pinned = config.mpiMode();
        if (pinned.isEmpty() || wished == pinned.get()) {
            return wished;
        }
        if (wished == MpiMode.AUTO) {
            return pinned.get();
        }
        throw new RefusedException(
                Code.POLICY,
                OPTION + wish + ": this site has set mpi-mode: " + pinned.get().text()
                        + " for all containers; leave the option out; questions to " + config.contact());
    }

    private static boolean hasNoLauncher(LaunchRequest request) {
        PmiKind kind = PmiKind.of(request.mpiType());
        return !request.rootless() && request.stepTasks() > 1 && (kind == PmiKind.NONE || kind == PmiKind.UNKNOWN);
    }
}
