package dev.dunnage.launcher.plan;

import dev.dunnage.launcher.wire.Bind;
import dev.dunnage.launcher.wire.Code;
import dev.dunnage.launcher.wire.Confinement;
import dev.dunnage.launcher.wire.ContentDigest;
import dev.dunnage.launcher.wire.Driver;
import dev.dunnage.launcher.wire.EnvironmentVariable;
import dev.dunnage.launcher.wire.HomeChoice;
import dev.dunnage.launcher.wire.HostFiles;
import dev.dunnage.launcher.wire.LaunchPlan;
import dev.dunnage.launcher.wire.LaunchRequest;
import dev.dunnage.launcher.wire.Refusal;
import dev.dunnage.launcher.wire.ViewPart;
import dev.dunnage.mpi.PmiWiring;
import dev.dunnage.policy.MpiMode;
import dev.dunnage.policy.SiteConfig;
import dev.dunnage.sif.SifObject;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the inside of a container looks like; independent of the image.
 *
 * @param view parts of the host
 * @param binds more of the host
 * @param workdir where ranks start
 * @param environment variables of every rank
 * @param slurmCommands commands of the node that the container offers
 * @param mpiGuard whether MPI programs that find fewer ranks than were started are stopped
 * @param confinement what the processes may do less, or more
 */
record StepLayout(
        Set<ViewPart> view,
        List<Bind> binds,
        String workdir,
        List<EnvironmentVariable> environment,
        List<String> slurmCommands,
        boolean mpiGuard,
        Confinement confinement) {

    static StepLayout of(LaunchRequest request, SiteConfig config) throws RefusedException {
        PmiWiring wiring = PmiWiring.forStep(request.mpiType());
        EnumSet<ViewPart> view = EnumSet.allOf(ViewPart.class);
        if (!wiring.bindPmixDirectory()) {
            view.remove(ViewPart.PMIX);
        }
        if (!bindsHome(request.mountHome(), config)) {
            view.remove(ViewPart.HOME);
        }
        return new StepLayout(
                view,
                MountList.of(request, config),
                workdir(request),
                StepEnvironment.of(request, wiring),
                config.slurmCommands(),
                MpiWish.of(request, config) != MpiMode.NONE,
                Confinement.NONE);
    }

    /** With what the container has of the node's GPUs. */
    StepLayout with(GpuParts gpus) {
        List<Bind> all = new ArrayList<>(binds);
        all.addAll(gpus.binds());
        List<EnvironmentVariable> variables = new ArrayList<>(environment);
        variables.addAll(gpus.environment());
        return new StepLayout(view, all, workdir, variables, slurmCommands, mpiGuard, confinement);
    }

    private static boolean bindsHome(HomeChoice choice, SiteConfig config) {
        return switch (choice) {
            case BIND -> true;
            case LEAVE_OUT -> false;
            case SITE_DEFAULT -> config.mountHome();
        };
    }

    private static String workdir(LaunchRequest request) throws RefusedException {
        String workdir = request.workdir().orElse(request.cwd());
        if (!workdir.startsWith("/")) {
            throw new RefusedException(
                    Code.REQUEST,
                    "--container-workdir '" + workdir + "' is relative; give an absolute path in the container");
        }
        return workdir;
    }

    LaunchPlan plan(
            Driver driver,
            Optional<ContentDigest> storeCopy,
            SifObject root,
            String decision,
            List<String> notices,
            HostFiles hostFiles) {
        return new LaunchPlan(
                driver,
                storeCopy,
                root.offset(),
                root.size(),
                view,
                binds,
                workdir,
                environment,
                true,
                Refusal.line(Code.POLICY, decision).message(),
                notices,
                confinement,
                slurmCommands,
                mpiGuard,
                hostFiles);
    }
}
