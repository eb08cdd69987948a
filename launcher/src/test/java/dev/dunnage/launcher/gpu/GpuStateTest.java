package dev.dunnage.launcher.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.dunnage.mpi.gpu.GpuMaker;
import dev.dunnage.mpi.tree.HostTree;
import dev.dunnage.mpi.tree.TreePaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a fake tree: no GPU takes part. */
class GpuStateTest {
    private static final Path ANY = Path.of("/usr/lib/x86_64-linux-gnu/libutil.so.1");

    @TempDir
    Path root;

    @BeforeEach
    void prepare() throws IOException {
        put("/proc/cpuinfo", "flags\t\t: fpu\n");
    }

    private void put(String path, String content) throws IOException {
        Path file = root.resolve(path.substring(1));
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private void module(String version) throws IOException {
        put("/proc/driver/nvidia/version", "NVRM version: NVIDIA UNIX x86_64 Kernel Module  " + version + "  x\n");
    }

    private void renderDevice(String name, String driver) throws IOException {
        put("/dev/dri/" + name, "");
        Path device = Files.createDirectories(root.resolve("sys/class/drm/" + name + "/device"));
        Files.createDirectories(root.resolve("sys/bus/pci/drivers/" + driver));
        Files.createSymbolicLink(device.resolve("driver"), Path.of("../../../../bus/pci/drivers/" + driver));
    }

    private List<GpuState> states() throws IOException {
        return GpuState.of(new TreePaths(new HostTree(root)));
    }

    @Test
    void aMachineWithoutHasNone() throws IOException {
        assertThat(states()).isEmpty();
        renderDevice("renderD128", "virtio-pci");
        assertThat(states()).isEmpty();
    }

    @Test
    void aDriverThatIsNotItsModulesIsTrouble() throws IOException {
        assumeTrue(Files.exists(ANY), "SKIPPED: this machine has no " + ANY);
        Path libraries = Files.createDirectories(root.resolve("usr/lib/x86_64-linux-gnu"));
        Files.write(libraries.resolve("libcuda.so.550.54.15"), Files.readAllBytes(ANY));
        Files.createSymbolicLink(libraries.resolve("libcuda.so.1"), Path.of("libcuda.so.550.54.15"));
        put("/dev/nvidia0", "");
        put("/dev/nvidia1", "");
        put("/dev/nvidiactl", "");
        module("550.54.15");
        assertThat(states())
                .containsExactly(new GpuState(
                        GpuMaker.NVIDIA,
                        "nvidia",
                        Optional.of("550.54.15"),
                        Optional.of("550.54.15"),
                        List.of("/dev/nvidia0", "/dev/nvidia1"),
                        Optional.empty()));
        module("535.104.05");
        assertThat(states()).singleElement().satisfies(state -> {
            assertThat(state.module()).contains("535.104.05");
            assertThat(state.trouble().orElse("")).contains("535.104.05").contains("reboot the node");
        });
    }

    @Test
    void aModuleWithoutDevicesIsTold() throws IOException {
        module("535.104.05");
        assertThat(states()).singleElement().satisfies(state -> {
            assertThat(state.devices()).isEmpty();
            assertThat(state.trouble().orElse("")).contains("finds no libcuda.so.1");
        });
    }

    @Test
    void renderDevicesBelongToTheMakerOfTheirDriver() throws IOException {
        renderDevice("renderD128", "amdgpu");
        renderDevice("renderD129", "i915");
        put("/dev/kfd", "");
        put("/sys/module/amdgpu/version", "6.7.0\n");
        assertThat(states())
                .containsExactly(
                        new GpuState(
                                GpuMaker.AMD,
                                "amdgpu",
                                Optional.of("6.7.0"),
                                Optional.empty(),
                                List.of("/dev/dri/renderD128"),
                                Optional.empty()),
                        new GpuState(
                                GpuMaker.INTEL,
                                "i915",
                                Optional.empty(),
                                Optional.empty(),
                                List.of("/dev/dri/renderD129"),
                                Optional.empty()));
    }
}
