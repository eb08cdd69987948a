package dev.dunnage.launcher.plan;

import dev.dunnage.launcher.wire.Code;
import dev.dunnage.launcher.wire.LaunchRequest;
import dev.dunnage.mpi.explain.NetworkLibraries;
import dev.dunnage.mpi.explain.RequiredTransport;
import dev.dunnage.mpi.tree.HostTree;
import dev.dunnage.mpi.tree.TreePaths;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * What the user demands with {@code --container-require-transport}: a step whose node or libraries lack it is refused before any
 * rank starts, instead of running slowly.
 */
public final class TransportCheck {
    private TransportCheck() {}

    /**
     * What a node has for it, by the kernel's own list: the launcher's /dev may be a private one.
     *
     * @param machine root directory of the node
     * @param gpus devices of graphics processors that may be opened
     */
    public static RequiredTransport on(Path machine, Collection<String> gpus) throws IOException {
        return new RequiredTransport(
                HostDevices.names(machine.resolve("sys/dev")),
                dev.dunnage.mpi.host.HostDevices.of(new TreePaths(new HostTree(machine)))
                        .ptraceScope(),
                gpus);
    }

    /**
     * Refuses a step that lacks one.
     *
     * @param nodes what the nodes' libraries make of it, when there are any in the container
     */
    static void check(LaunchRequest request, Path machine, ImageInHand image, Optional<HostMpiFiles.Found> nodes)
            throws RefusedException, IOException {
        List<String> wanted = request.hardware().transports();
        if (wanted.isEmpty()) {
            return;
        }
        RequiredTransport node = on(machine, request.hardware().gpuDevices());
        NetworkLibraries libraries;
        if (nodes.isPresent()) {
            libraries = nodes.get().network();
        } else {
            boolean look = wanted.stream().anyMatch(RequiredTransport::needsLibraries);
            libraries = NetworkLibraries.ofImage(look ? image.facts() : Optional.empty());
        }
        for (String transport : wanted) {
            Optional<String> lack = node.lack(transport, libraries);
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
}
