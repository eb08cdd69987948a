package dev.dunnage.launcher.wire;

import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How to build the container; the C side checks it again and performs it.
 *
 * @param driver how the image becomes a file system
 * @param storeCopy names the copy in the image store to be mounted; empty: the descriptor of the request is mounted
 * @param fsOffset first byte of the root file system in the image
 * @param fsSize its size in bytes
 * @param view parts of the host that the container sees
 * @param binds more directories and files of the host, attached in this order
 * @param workdir working directory of the ranks, absolute
 * @param environment variables for every rank, set after the image's own
 * @param environmentScripts whether the image's environment scripts are evaluated
 * @param decision which file and rule allowed the image, one line
 * @param notices lines that the user should see
 * @param confinement what the processes may do
 * @param slurmCommands names of the node's Slurm commands that the container offers
 * @param mpiGuard whether MPI programs that find fewer ranks than were started are stopped
 * @param hostFiles libraries of the host, as for its MPI
 */
public record LaunchPlan(
        Driver driver,
        Optional<ContentDigest> storeCopy,
        long fsOffset,
        long fsSize,
        Set<ViewPart> view,
        List<Bind> binds,
        String workdir,
        List<EnvironmentVariable> environment,
        boolean environmentScripts,
        String decision,
        List<String> notices,
        Confinement confinement,
        List<String> slurmCommands,
        boolean mpiGuard,
        HostFiles hostFiles)
        implements Reply {

    /** Copies the collections. */
    public LaunchPlan {
        EnumSet<ViewPart> parts = EnumSet.noneOf(ViewPart.class);
        parts.addAll(view);
        view = Collections.unmodifiableSet(parts);
        binds = List.copyOf(binds);
        environment = List.copyOf(environment);
        notices = List.copyOf(notices);
        slurmCommands = List.copyOf(slurmCommands);
    }
}
