package dev.dunnage.mpi.explain;

import dev.dunnage.mpi.facts.MpiLibrary;
import dev.dunnage.mpi.facts.TreeFacts;
import dev.dunnage.mpi.facts.VerbsFacts;
import dev.dunnage.mpi.host.HostDevices;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How bytes would travel between ranks: a forecast, since libraries choose by themselves. */
final class Transport {
    private static final Map<String, String> DRIVERS = Map.of(
            "mlx5",
            "mlx5",
            "mlx4",
            "mlx4",
            "hfi1",
            "hfi1verbs",
            "bnxt_re",
            "bnxt_re",
            "irdma",
            "irdma",
            "efa",
            "efa",
            "rxe",
            "rxe",
            "siw",
            "siw",
            "qedr",
            "qedr",
            "cxgb4",
            "cxgb4");

    private final TreeFacts image;
    private final HostDevices devices;
    private final NetworkLibraries libraries;
    private final boolean own;

    /**
     * For one choice.
     *
     * @param libraries those that count
     */
    Transport(TreeFacts image, HostDevices devices, NetworkLibraries libraries) {
        this.image = image;
        this.devices = devices;
        this.libraries = libraries;
        this.own = libraries.equals(NetworkLibraries.ofImage(Optional.of(image)));
    }

    List<Rule> rules(long tasks) {
        List<Rule> rules = new ArrayList<>();
        if (tasks == 1) {
            rules.add(Rule.holds("node", "one task has nobody to talk to"));
            return rules;
        }
        rules.add(sharedMemory());
        if (image.mpi().isEmpty()) {
            return rules;
        }
        rules.add(network());
        if (own) {
            verbs(rules);
            gpu(rules);
        }
        return rules;
    }

    /** Told of images that bring what programs of a GPU need. */
    private void gpu(List<Rule> rules) {
        for (String gpu : image.gpus()) {
            List<String> aware = image.mpi().stream()
                    .filter(library -> library.gpus().contains(gpu))
                    .map(MpiLibrary::label)
                    .distinct()
                    .toList();
            if (!aware.isEmpty()) {
                rules.add(Rule.holds(
                        "GPU memory", String.join(" and ", aware) + " of the image can send from memory of " + gpu));
            } else if (image.ucxGpus().contains(gpu)) {
                rules.add(Rule.holds(
                        "GPU memory",
                        "UCX of the image has components for memory of " + gpu + ", for MPI that goes over UCX"));
            } else {
                rules.add(Rule.open(
                        "GPU memory",
                        "the image has " + gpu
                                + ", and no MPI that was built for it: programs must copy to the host's memory"
                                + " before they send"));
            }
        }
    }

    private Rule sharedMemory() {
        if (devices.xpmem()) {
            return Rule.holds(
                    "node", "shared memory, with single copy by XPMEM (/dev/xpmem is there) where the library has it");
        }
        int scope = devices.ptraceScope().orElse(0);
        if (scope > 0) {
            return Rule.open(
                    "node",
                    "shared memory with two copies for large messages unless the library allows its peers (PR_SET_PTRACER):"
                            + " single copy (CMA) needs ptrace, and /proc/sys/kernel/yama/ptrace_scope is " + scope);
        }
        return Rule.holds(
                "node",
                "shared memory with single copy (CMA): no user namespace separates the ranks of a node, and "
                        + (devices.ptraceScope().isPresent()
                                ? "/proc/sys/kernel/yama/ptrace_scope is 0"
                                : "the kernel has no Yama that would restrict ptrace"));
    }

    private Rule network() {
        boolean ucx = libraries.have("libucp.so.0");
        boolean ofi = libraries.have("libfabric.so.1");
        boolean verbs = libraries.have("libibverbs.so.1");
        String has = libraries.owner() + " has "
                + (ucx && ofi ? "UCX and libfabric" : ucx ? "UCX" : ofi ? "libfabric" : "neither UCX nor libfabric");
        if (!devices.hasFastNetwork()) {
            return Rule.open(
                    "network",
                    "TCP, because /dev/infiniband is absent, as are devices of Slingshot and Omni-Path; " + has);
        } else if (!devices.slingshot().isEmpty()) {
            return Rule.open(
                    "network",
                    ofi
                            ? "Slingshot (" + devices.slingshot().get(0)
                                    + ") if libfabric has the provider cxi, else TCP"
                            : "TCP, because Slingshot needs libfabric and " + has);
        } else if (!verbs) {
            return Rule.open(
                    "network",
                    "TCP, because " + libraries.owner() + " has no libibverbs for " + adapters() + "; " + has);
        } else if (!ucx && !ofi) {
            return Rule.open("network", "verbs where the MPI library speaks them by itself, else TCP; " + has);
        }
        return Rule.holds("network", "verbs on " + adapters() + "; " + has);
    }

    private String adapters() {
        return devices.adapters().isEmpty()
                ? String.join(", ", devices.verbs())
                : String.join(", ", devices.adapters());
    }

    /** Library and drivers come from the image, as a unit; the kernel's part has an interface that lasts. */
    private void verbs(List<Rule> rules) {
        if (image.verbs().isEmpty()) {
            return;
        }
        VerbsFacts verbs = image.verbs().get();
        if (verbs.abi().isEmpty()) {
            rules.add(Rule.open("verbs", "libibverbs of the image does not tell its private ABI"));
            return;
        }
        String abi = verbs.abi().get();
        if (verbs.drivers().isEmpty()) {
            rules.add(Rule.open(
                    "verbs",
                    "libibverbs of the image wants drivers of private ABI " + abi + ", the image has "
                            + (image.rdmaAbi().isEmpty() ? "none" : "those of " + String.join(", ", image.rdmaAbi()))
                            + ": it finds no device"));
            return;
        }
        rules.add(Rule.holds(
                "verbs", "libibverbs and " + verbs.drivers().size() + " drivers of the image have private ABI " + abi));
        for (String adapter : devices.adapters()) {
            String kind = adapter.replaceFirst("_?[0-9]+$", "");
            String driver = DRIVERS.getOrDefault(kind, "");
            if (!driver.isEmpty() && !verbs.drivers().contains(driver)) {
                rules.add(Rule.open("verbs", "the image has no driver " + driver + " for adapter " + adapter));
            }
        }
    }
}
