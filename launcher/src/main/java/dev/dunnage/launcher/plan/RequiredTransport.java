package dev.dunnage.launcher.plan;

import dev.dunnage.launcher.wire.Code;
import dev.dunnage.launcher.wire.LaunchRequest;
import dev.dunnage.mpi.facts.TreeFacts;
import dev.dunnage.mpi.gpu.GpuMaker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the user demands with {@code --container-require-transport}: a step whose node or image lacks it is refused before any
 * rank starts, instead of running slowly. That the libraries take it in the end is theirs to decide.
 */
final class RequiredTransport {
    private static final Set<String> NEED_UCX = Set.of("ucx", "ucx:rc", "ucx:dc", "ucx:ud");
    private static final Path PTRACE = Path.of("proc/sys/kernel/yama/ptrace_scope");

    private final Path machine;
    private final Set<String> devices;

    /**
     * For one step.
     *
     * @param machine root directory of the node
     * @param devices paths in /dev that the kernel knows
     */
    RequiredTransport(Path machine, Set<String> devices) {
        this.machine = machine;
        this.devices = Set.copyOf(devices);
    }

    /** Refuses a step that lacks one. */
    static void check(LaunchRequest request, Path machine, ImageInHand image) throws RefusedException, IOException {
        List<String> wanted = request.hardware().transports();
        if (wanted.isEmpty()) {
            return;
        }
        // the kernel's own list: the launcher's /dev may be a private one
        RequiredTransport node = new RequiredTransport(machine, HostDevices.names(machine.resolve("sys/dev")));
        Optional<TreeFacts> facts = image.facts();
        for (String transport : wanted) {
            Optional<String> lack =
                    node.lack(transport, facts, request.hardware().gpuDevices());
            if (lack.isPresent()) {
                throw new RefusedException(
                        Code.REQUEST,
                        "--container-require-transport=" + transport + ": " + lack.get() + " (node " + request.node()
                                + ", image " + image.shownName()
                                + "); choose other nodes or another image, or leave the"
                                + " option out");
            }
        }
    }

    /** What is lacking, in words; empty when nothing is. */
    Optional<String> lack(String transport, Optional<TreeFacts> image, List<String> gpus) throws IOException {
        if (NEED_UCX.contains(transport)) {
            return library(image, "libucp.so.0", "UCX")
                    .or(this::verbs)
                    .or(() -> library(image, "libibverbs.so.1", "libibverbs"));
        }
        return switch (transport) {
            case "shm" -> Optional.empty();
            case "cma" ->
                ptraceScope() > 0
                        ? Optional.of("/proc/sys/kernel/yama/ptrace_scope is " + ptraceScope()
                                + ", so that ranks cannot read each other's memory")
                        : Optional.empty();
            case "xpmem" -> device("xpmem");
            case "verbs" -> verbs().or(() -> library(image, "libibverbs.so.1", "libibverbs"));
            case "ofi" -> library(image, "libfabric.so.1", "libfabric").or(this::network);
            case "cxi" -> device("cxi").or(() -> library(image, "libfabric.so.1", "libfabric"));
            case "opa" -> device("hfi1");
            case "gpu" ->
                Arrays.stream(GpuMaker.values())
                                .allMatch(maker -> maker.devices(gpus).isEmpty())
                        ? Optional.of("the step was given no GPU")
                        : Optional.empty();
            default ->
                Optional.of("is not known; allowed are shm, cma, xpmem, verbs, ucx, ucx:rc, ucx:dc, ucx:ud, ofi,"
                        + " cxi, opa and gpu");
        };
    }

    private Optional<String> verbs() {
        return device("infiniband");
    }

    private Optional<String> network() {
        return verbs().isEmpty() || device("cxi").isEmpty() || device("hfi1").isEmpty()
                ? Optional.empty()
                : Optional.of(
                        "the node has no device of InfiniBand, Slingshot or Omni-Path, so that libfabric has TCP alone");
    }

    private Optional<String> device(String prefix) {
        boolean there = devices.stream().anyMatch(path -> path.startsWith("/dev/" + prefix));
        return there ? Optional.empty() : Optional.of("the node has no /dev/" + prefix);
    }

    private static Optional<String> library(Optional<TreeFacts> image, String soname, String shown) {
        boolean there = image.isPresent() && image.get().fabrics().containsKey(soname);
        return there ? Optional.empty() : Optional.of("the image has no " + shown + " (" + soname + ")");
    }

    private int ptraceScope() throws IOException {
        Path file = machine.resolve(PTRACE);
        if (!Files.exists(file)) {
            return 0;
        }
        String text = Files.readString(file).strip();
        return text.matches("[0-9]") ? Integer.parseInt(text) : 0;
    }
}
