package dev.dunnage.launcher.wire;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the processes of a step may do less, or more, than those of any other step of the user.
 *
 * @param capabilities bit set, by the kernel's numbers, of the capabilities that the ranks keep
 * @param userNamespacesBarred whether processes are kept from making user namespaces
 * @param ownNetwork whether the step has a network namespace of its own, with a loopback device
 * @param networks networks of the site that lead there
 * @param devices devices and directories of devices, absolute; only when the view has no {@link ViewPart#DEV}
 * @param seccomp name of a compiled filter of the site
 * @param pidsMax most processes and threads of the step on the node, at least 1
 * @param memoryMax most memory of the step on the node in bytes, at least 1
 * @param passedVariables names, or starts of names followed by {@code *}, of the only variables that reach the step's
 *     processes from outside; empty: all do
 * @param hostProgramsBarred whether nothing runs on the node's side for the step, be it a Slurm command or TaskProlog
 */
public record Confinement(
        long capabilities,
        boolean userNamespacesBarred,
        boolean ownNetwork,
        Networks networks,
        List<String> devices,
        Optional<String> seccomp,
        OptionalLong pidsMax,
        OptionalLong memoryMax,
        Optional<List<String>> passedVariables,
        boolean hostProgramsBarred) {
    /** Nothing beside what every container gets. */
    public static final Confinement NONE = new Confinement(
            0,
            false,
            false,
            Networks.NONE,
            List.of(),
            Optional.empty(),
            OptionalLong.empty(),
            OptionalLong.empty(),
            Optional.empty(),
            false);

    /** Copies the lists. */
    public Confinement {
        devices = List.copyOf(devices);
        passedVariables = passedVariables.map(List::copyOf);
    }
}
