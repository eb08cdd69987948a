package dev.dunnage.launcher.doctor;

import dev.dunnage.launcher.gpu.CdiException;
import dev.dunnage.launcher.gpu.DriverFiles;
import dev.dunnage.launcher.gpu.GpuState;
import dev.dunnage.mpi.gpu.DriverVersion;
import dev.dunnage.mpi.gpu.GpuMaker;
import dev.dunnage.mpi.gpu.NvidiaDriver;
import dev.dunnage.mpi.tree.TreePaths;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether containers on this machine can have its GPUs. A machine without any has nothing to tell. */
final class GpuCheck implements Check {
    private static final String NAME = "gpu";

    @Override
    public List<Finding> look(Machine machine, Optional<String> slurm) throws IOException {
        List<Finding> findings = new ArrayList<>();
        TreePaths tree = machine.tree();
        List<String> devices = GpuState.devices(tree);
        nvidia(tree, devices, findings);
        if (!GpuMaker.AMD.devices(devices).isEmpty()) {
            findings.add(Finding.ok(NAME, "AMD: " + gpus(GpuMaker.AMD, devices) + ", for --container-rocm and --rocm"));
        }
        return findings;
    }

    private static void nvidia(TreePaths tree, List<String> devices, List<Finding> findings) throws IOException {
        List<String> own = GpuMaker.NVIDIA.devices(devices);
        if (own.isEmpty() && tree.realFile("/proc/cpuinfo").isEmpty()) {
            return; // nothing can be told of its libraries
        }
        if (own.isEmpty()) {
            NvidiaDriver.of(tree)
                    .trouble()
                    .ifPresent(trouble -> findings.add(Finding.warn(NAME, cause(trouble), cure(trouble))));
            return;
        }
        try {
            DriverFiles driver = DriverFiles.of(tree, GpuMaker.NVIDIA, own);
            findings.add(Finding.ok(
                    NAME,
                    "NVIDIA: " + gpus(GpuMaker.NVIDIA, own) + ", driver "
                            + driver.version().map(DriverVersion::text).orElse("of unknown version") + ", "
                            + driver.libraries().size() + " names of its libraries"));
        } catch (CdiException e) {
            String trouble = String.valueOf(e.getMessage());
            findings.add(Finding.warn(NAME, "--container-nv is refused here: " + cause(trouble), cure(trouble)));
        }
    }

    private static String gpus(GpuMaker maker, List<String> devices) {
        return String.join(", ", devices.stream().filter(maker::isSingle).toList());
    }

    /** Both parts of a line of the form cause; cure. */
    private static String cause(String line) {
        int end = line.lastIndexOf("; ");
        return end < 0 ? line : line.substring(0, end);
    }

    private static String cure(String line) {
        int end = line.lastIndexOf("; ");
        return end < 0 ? "look into /etc/cdi and at the driver's installation" : line.substring(end + 2);
    }
}
