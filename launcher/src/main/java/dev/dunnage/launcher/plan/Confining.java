package dev.dunnage.launcher.plan;

import dev.dunnage.launcher.wire.Code;
import dev.dunnage.launcher.wire.Confinement;
import dev.dunnage.launcher.wire.LaunchRequest;
import dev.dunnage.launcher.wire.Networks;
import dev.dunnage.launcher.wire.PortMapping;
import dev.dunnage.launcher.wire.ViewPart;
import dev.dunnage.policy.EnvironmentGrant;
import dev.dunnage.policy.Grants;
import dev.dunnage.policy.NetworkGrant;
import dev.dunnage.policy.Subject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What the grants of the deciding rule make of a step: what can be restricted is, what cannot is refused. */
final class Confining {
    private static final Path DEVICES = Path.of("/sys/dev");

    private static final List<String> HOST = List.of(NetworkGrant.HOST);
    private static final List<String> NONE = List.of(NetworkGrant.NONE);

    private final Grants grants;
    private final String place;

    /**
     * Makes the step's confinement.
     *
     * @param place rule, file and line, and whom to ask, for messages
     */
    Confining(Grants grants, String place) {
        this.grants = grants;
        this.place = place;
    }

    /** The layout as far as it is granted. */
    StepLayout layout(StepLayout wanted, LaunchRequest request, Subject subject, GpuParts gpus)
            throws RefusedException, IOException {
        GrantedMounts mounts = new GrantedMounts(grants, wanted, request.home());
        refuse(mounts.refusal().map(line -> "--container-mounts: " + line));
        refuse(refusalOfOverlay(request));
        Optional<List<String>> devices = gpus.narrows()
                ? Optional.of(HostDevices.with(gpus.devices(), grants, DEVICES))
                : HostDevices.granted(grants, DEVICES);
        return new StepLayout(
                view(wanted.view(), devices.isPresent()),
                mounts.binds(),
                wanted.workdir(),
                wanted.environment(),
                grants.grantsSlurmCommands() ? wanted.slurmCommands() : List.of(),
                wanted.mpiGuard(),
                // A user who sets the container up has no rights to take away from himself.
                request.rootless()
                        ? Confinement.NONE
                        : confinement(subject, networks(request), devices.orElse(List.of())));
    }

    /** Refuses libraries of the host where the rule does. */
    void allowHostLibraries(LaunchRequest request) throws RefusedException {
        refuse(
                grants.hostLibraries()
                        ? Optional.empty()
                        : Optional.of("--container-mpi=" + request.mpi().orElse("bind")
                                + ": the policy does not allow libraries of the host in this image; use"
                                + " --container-mpi=hybrid"));
    }

    /** What lies over the image can hold other programs than those that somebody signed. */
    private Optional<String> refusalOfOverlay(LaunchRequest request) {
        if (grants.overlay() || !request.overlay()) {
            return Optional.empty();
        }
        String options = request.jobId() == 0
                ? "--writable-tmpfs and --overlay"
                : "--container-writable and --container-overlay";
        return Optional.of(options + ": the policy does not allow to write over what the image holds; leave it out and"
                + " write to a directory of yours or to /tmp");
    }

    /** What was asked for; else the node's where the rule grants it, else none. */
    private Networks networks(LaunchRequest request) throws RefusedException {
        Networks wanted = request.networks();
        NetworkGrant granted = grants.network();
        for (String name : wanted.names()) {
            refuse(granted.refusalOf(name)
                    .map(line -> "--container-network=" + String.join(",", wanted.names()) + ": " + line));
        }
        for (PortMapping port : wanted.ports()) {
            refuse(granted.refusalOfPort(port.host())
                    .map(line -> "--container-network-args=portmap=" + port + ": " + line));
        }
        return wanted.names().isEmpty() ? new Networks(List.of(granted.usual()), List.of()) : wanted;
    }

    /** A network namespace ends at its node, and whoever starts the ranks of MPI programs talks over the node's own. */
    static Optional<String> networkNotice(LaunchRequest request, Confinement confinement) {
        boolean mpi = request.stepTasks() > 1
                && request.mpiType().filter(type -> !type.equals("none")).isPresent();
        return confinement.ownNetwork() && mpi
                ? Optional.of(
                        "this step has a network of its own, which ends at the node: MPI programs of more than one"
                                + " node, and those started by --mpi=pmix, need the node's network (--container-network=host)")
                : Optional.empty();
    }

    private void refuse(Optional<String> refusal) throws RefusedException {
        if (refusal.isPresent()) {
            throw new RefusedException(Code.POLICY, refusal.get() + " (" + place + ")");
        }
    }

    private static Set<ViewPart> view(Set<ViewPart> wanted, boolean ownDevices) {
        EnumSet<ViewPart> view = EnumSet.copyOf(wanted);
        if (ownDevices) {
            view.remove(ViewPart.DEV);
        }
        return view;
    }

    private Confinement confinement(Subject subject, Networks networks, List<String> devices) {
        return new Confinement(
                Capabilities.bits(grants.capabilitiesOf(subject)),
                !grants.userNamespaces(),
                !networks.names().equals(HOST),
                networks.names().equals(HOST) || networks.names().equals(NONE) ? Networks.NONE : networks,
                devices,
                grants.seccomp(),
                grants.limits().pids(),
                grants.limits().memory(),
                passedVariables(),
                !grants.grantsSlurmCommands());
    }

    private Optional<List<String>> passedVariables() {
        EnvironmentGrant environment = grants.environment();
        return environment.passesAll() ? Optional.empty() : Optional.of(environment.patterns());
    }
}
