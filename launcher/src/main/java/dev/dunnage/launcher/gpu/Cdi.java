package dev.dunnage.launcher.gpu;

import dev.dunnage.mpi.gpu.GpuMaker;
import dev.dunnage.mpi.tree.TreePaths;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The descriptions of devices on a node. A file of {@code /var/run/cdi} takes the place of a device of {@code /etc/cdi}. */
final class Cdi {
    private static final List<String> DIRECTORIES = List.of("/etc/cdi", "/var/run/cdi");
    private static final Map<GpuMaker, String> KINDS =
            Map.of(GpuMaker.NVIDIA, "nvidia.com/gpu", GpuMaker.AMD, "amd.com/gpu", GpuMaker.INTEL, "intel.com/gpu");

    private Cdi() {}

    /**
     * What the given devices of a maker want; empty when no file describes this maker's.
     *
     * @param given devices of the step
     */
    static Optional<CdiEdits> edits(TreePaths host, GpuMaker maker, Collection<String> given)
            throws IOException, CdiException {
        Map<String, CdiEdits> devices = new LinkedHashMap<>();
        Map<String, CdiEdits> common = new LinkedHashMap<>();
        for (String directory : DIRECTORIES) {
            for (String name : host.names(directory)) {
                String file = TreePaths.in(directory, name);
                if (!name.matches("[^.].*\\.(?:json|yaml|yml)")) {
                    continue;
                }
                Optional<byte[]> content = host.content(file, CdiSpec.MAX_BYTES);
                if (content.isEmpty()) {
                    continue;
                }
                String text = new String(content.get(), StandardCharsets.UTF_8);
                if (!text.contains(KINDS.getOrDefault(maker, ""))) {
                    continue; // another maker's: whatever is wrong with it is of no interest
                }
                CdiSpec spec = CdiSpec.read(file, text);
                if (spec.kind().equals(KINDS.get(maker))) {
                    spec.devices().forEach((device, edits) -> {
                        devices.put(device, edits);
                        common.put(device, spec.common());
                    });
                }
            }
        }
        return devices.isEmpty() ? Optional.empty() : Optional.of(chosen(maker, devices, common, given));
    }

    /** Devices whose GPUs were all given: one that stands for all GPUs of the node is left out where some were not. */
    private static CdiEdits chosen(
            GpuMaker maker, Map<String, CdiEdits> devices, Map<String, CdiEdits> common, Collection<String> given) {
        CdiEdits all = CdiEdits.NONE;
        for (Map.Entry<String, CdiEdits> device : devices.entrySet()) {
            List<String> gpus =
                    device.getValue().devices().stream().filter(maker::isSingle).toList();
            List<String> instances = device.getValue().devices().stream()
                    .filter(path -> path.startsWith("/dev/nvidia-caps/"))
                    .toList();
            if (!gpus.isEmpty() && given.containsAll(gpus) && given.containsAll(instances)) {
                all = all.and(common.getOrDefault(device.getKey(), CdiEdits.NONE))
                        .and(device.getValue());
            }
        }
        return all;
    }
}
