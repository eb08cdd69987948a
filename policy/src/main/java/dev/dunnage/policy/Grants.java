package dev.dunnage.policy;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a rule grants beside running at all. Only a value: whoever plans and mounts keeps to it.
 *
 * @param driver how the image may be mounted
 * @param binds what users may bind, the most specific entry counts; empty: anything that their rights allow
 * @param bindTargets where binds may appear when {@code replacePrograms} is false
 * @param replacePrograms whether binds and overlays may cover what the image holds
 * @param overlay whether users may write over what the image holds, or bring layers that lie on it
 * @param hostLibraries whether libraries of the host may be bound in
 * @param devices devices and directories of devices; empty: all that the host shows
 * @param gpu whether graphics processors and their libraries may be bound in
 * @param network the networks a user may choose from
 * @param environment which variables are passed
 * @param capabilities who keeps which capabilities; default nobody any
 * @param seccomp name of a filter that every process gets
 * @param userNamespaces whether processes may create user namespaces
 * @param limits limits beside those of the allocation
 * @param slurmCommands whether the node runs Slurm's commands for the step; empty: unless {@link #confines}
 */
public record Grants(
        MountDriver driver,
        Optional<List<BindGrant>> binds,
        List<Path> bindTargets,
        boolean replacePrograms,
        boolean overlay,
        boolean hostLibraries,
        Optional<List<Path>> devices,
        boolean gpu,
        NetworkGrant network,
        EnvironmentGrant environment,
        List<CapabilityGrant> capabilities,
        Optional<String> seccomp,
        boolean userNamespaces,
        Limits limits,
        Optional<Boolean> slurmCommands) {
    /** Places where images hold data at most. Any other could be a program's. */
    private static final List<Path> DATA_PLACES = List.of(
            Path.of("/data"),
            Path.of("/home"),
            Path.of("/media"),
            Path.of("/mnt"),
            Path.of("/project"),
            Path.of("/scratch"),
            Path.of("/tmp"),
            Path.of("/var/tmp"),
            Path.of("/work"));

    /** Copies the collections. */
    public Grants {
        binds = binds.map(List::copyOf);
        bindTargets = List.copyOf(bindTargets);
        devices = devices.map(List::copyOf);
        capabilities = List.copyOf(capabilities);
    }

    /** What a rule without {@code grant} grants. */
    public static Grants defaults() {
        return new Grants(
                MountDriver.AUTO,
                Optional.empty(),
                DATA_PLACES,
                true,
                true,
                true,
                Optional.empty(),
                true,
                NetworkGrant.DEFAULT,
                EnvironmentGrant.ALL,
                List.of(),
                Optional.empty(),
                true,
                Limits.NONE,
                Optional.empty());
    }

    /** The defaults of a rule whose image must be exactly what several people signed: nothing may cover it. */
    public static Grants strictDefaults() {
        return defaults().withoutCovering();
    }

    private Grants withoutCovering() {
        return new Grants(
                driver,
                binds,
                bindTargets,
                false,
                false,
                hostLibraries,
                devices,
                gpu,
                network,
                environment,
                capabilities,
                seccomp,
                userNamespaces,
                limits,
                slurmCommands);
    }

    /** Whether the processes of a step may do less than others of their user, so that a helper outside would be a way out. */
    public boolean confines() {
        return !network.grantsHost()
                || devices.isPresent()
                || !gpu
                || seccomp.isPresent()
                || !userNamespaces
                || !limits.none();
    }

    /** Whether anything may run on the node's side on the step's behalf, outside of what the step is confined to. */
    public boolean grantsSlurmCommands() {
        return slurmCommands.orElse(!confines());
    }

    /**
     * Why a mount that a user wants is not granted, one line with cause and remedy; empty when it is.
     *
     * @param wanted the source must be the real path that will be bound: a link in a granted directory leads anywhere
     */
    public Optional<String> refusalOf(MountSpec wanted) {
        return refusalOfTarget(wanted).or(() -> refusalOfSource(wanted));
    }

    private Optional<String> refusalOfTarget(MountSpec wanted) {
        if (replacePrograms || bindTargets.stream().anyMatch(place -> covers(place, wanted.target()))) {
            return Optional.empty();
        }
        return Optional.of("mount " + wanted + " could cover programs of the image, which the policy does not allow"
                + " here; choose a target in " + list(bindTargets));
    }

    private Optional<String> refusalOfSource(MountSpec wanted) {
        if (binds.isEmpty()) {
            return Optional.empty();
        }
        Optional<BindGrant> grant = binds.get().stream()
                .filter(each -> covers(each.source(), wanted.source()))
                .max((a, b) ->
                        Integer.compare(a.source().getNameCount(), b.source().getNameCount()));
        if (grant.isEmpty()) {
            return Optional.of("mount " + wanted + " is not granted by the policy; "
                    + (binds.get().isEmpty() ? "leave it out" : "sources in " + list(binds.get()) + " are"));
        }
        if (grant.get().readOnly() && !wanted.readOnly()) {
            return Optional.of("mount " + wanted + " is granted read-only; write "
                    + new MountSpec(wanted.source(), wanted.target(), true));
        }
        return Optional.empty();
    }

    /** Compares texts: a mount may hold characters that are no path in this locale. */
    private static boolean covers(Path place, String path) {
        String prefix = place.toString();
        return path.equals(prefix) || path.startsWith(prefix.endsWith("/") ? prefix : prefix + "/");
    }

    /** Whether a device of the host may be shown. */
    public boolean grantsDevice(Path device) {
        return devices.isEmpty() || devices.get().stream().anyMatch(device::startsWith);
    }

    /** What somebody's processes keep; empty when nothing was granted or it is not known who it is. */
    public Set<String> capabilitiesOf(Subject subject) {
        return Set.copyOf(capabilities.stream()
                .filter(grant -> grant.isFor(subject))
                .flatMap(grant -> grant.capabilities().stream())
                .toList());
    }

    private static String list(List<?> items) {
        return items.stream().map(Object::toString).collect(Collectors.joining(", "));
    }
}
