package dev.dunnage.mpi.explain;

import dev.dunnage.mpi.gpu.GpuMaker;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Whether a way for messages that a user demands is there: what it needs of the node, and of libraries. That the libraries take
 * it in the end is theirs to decide.
 */
public final class RequiredTransport {
    /** The words of the option. */
    public static final List<String> NAMES =
            List.of("shm", "cma", "xpmem", "verbs", "ucx", "ucx:rc", "ucx:dc", "ucx:ud", "ofi", "cxi", "opa", "gpu");

    private static final Set<String> NEED_NO_LIBRARY = Set.of("shm", "cma", "xpmem", "opa", "gpu");
    private static final Set<String> NEED_UCX = Set.of("ucx", "ucx:rc", "ucx:dc", "ucx:ud");

    private final Set<String> devices;
    private final OptionalInt ptraceScope;
    private final List<String> gpus;

    /**
     * On one node.
     *
     * @param devices paths in /dev that the kernel knows
     * @param ptraceScope Yama's restriction; empty when the kernel has none
     * @param gpus devices of graphics processors that may be opened
     */
    public RequiredTransport(Collection<String> devices, OptionalInt ptraceScope, Collection<String> gpus) {
        this.devices = Set.copyOf(devices);
        this.ptraceScope = ptraceScope;
        this.gpus = List.copyOf(gpus);
    }

    /** Whether it depends on libraries, and not on the node alone. */
    public static boolean needsLibraries(String transport) {
        return !NEED_NO_LIBRARY.contains(transport);
    }

    /** What is lacking, as a rule. */
    public Rule rule(String transport, NetworkLibraries libraries) {
        return lack(transport, libraries)
                .map(lack -> Rule.fails(transport, lack))
                .orElseGet(() -> Rule.holds(transport, "nothing that it needs is lacking"));
    }

    /** What is lacking, in words; empty when nothing is. */
    public Optional<String> lack(String transport, NetworkLibraries libraries) {
        if (NEED_UCX.contains(transport)) {
            return library(libraries, "libucp.so.0", "UCX").or(() -> verbs(libraries));
        }
        return switch (transport) {
            case "shm" -> Optional.empty();
            case "cma" ->
                ptraceScope.orElse(0) > 0
                        ? Optional.of("/proc/sys/kernel/yama/ptrace_scope is " + ptraceScope.getAsInt()
                                + ", so that ranks cannot read each other's memory")
                        : Optional.empty();
            case "xpmem" -> device("xpmem");
            case "verbs" -> verbs(libraries);
            case "ofi" -> library(libraries, "libfabric.so.1", "libfabric").or(this::network);
            case "cxi" -> device("cxi").or(() -> library(libraries, "libfabric.so.1", "libfabric"));
            case "opa" -> device("hfi1");
            case "gpu" ->
                Arrays.stream(GpuMaker.values())
                                .allMatch(maker -> maker.devices(gpus).isEmpty())
                        ? Optional.of("there is no GPU that may be used")
                        : Optional.empty();
            default ->
                Optional.of("is not known; allowed are " + String.join(", ", NAMES.subList(0, NAMES.size() - 1))
                        + " and " + NAMES.get(NAMES.size() - 1));
        };
    }

    private Optional<String> verbs(NetworkLibraries libraries) {
        return device("infiniband").or(() -> library(libraries, "libibverbs.so.1", "libibverbs"));
    }

    private Optional<String> network() {
        return device("infiniband").isEmpty()
                        || device("cxi").isEmpty()
                        || device("hfi1").isEmpty()
                ? Optional.empty()
                : Optional.of(
                        "the node has no device of InfiniBand, Slingshot or Omni-Path, so that libfabric has TCP alone");
    }

    private Optional<String> device(String prefix) {
        boolean there = devices.stream().anyMatch(path -> path.startsWith("/dev/" + prefix));
        return there ? Optional.empty() : Optional.of("the node has no /dev/" + prefix);
    }

    private static Optional<String> library(NetworkLibraries libraries, String soname, String shown) {
        return libraries.have(soname)
                ? Optional.empty()
                : Optional.of(libraries.owner() + " has no " + shown + " (" + soname + ")");
    }
}
