package dev.dunnage.mpi.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.dunnage.mpi.tree.HostTree;
import dev.dunnage.mpi.tree.TreePaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On fake trees: no GPU takes part. */
class NvidiaDriverTest {
    private static final String LIB = "/usr/lib/x86_64-linux-gnu/";
    /** Any library of this processor serves as the driver's. */
    private static final Path ANY = Path.of(LIB, "libutil.so.1");

    @TempDir
    Path root;

    private void put(String path, String content) throws IOException {
        Path file = root.resolve(path.substring(1));
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private void library(String name, String version) throws IOException {
        assumeTrue(Files.exists(ANY), "SKIPPED: this machine has no " + ANY);
        Path file = root.resolve((LIB + name + "." + version).substring(1));
        Files.createDirectories(file.getParent());
        Files.copy(ANY.toRealPath(), file);
    }

    private void link(String name, String target) throws IOException {
        Files.createSymbolicLink(root.resolve((LIB + name).substring(1)), Path.of(target));
    }

    private void module(String line) throws IOException {
        put(NvidiaDriver.VERSION_FILE, line + "\nGCC version:  gcc version 12.2.0 (Debian 12.2.0-14)\n");
    }

    private NvidiaDriver driver() throws IOException {
        put("/proc/cpuinfo", "flags\t\t: fpu\n");
        return NvidiaDriver.of(new TreePaths(new HostTree(root)));
    }

    @Test
    void librariesHaveTheVersionOfTheModule() throws IOException {
        module("NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.104.05  Sat Aug 19 01:15:15 UTC 2023");
        library("libcuda.so", "535.104.05");
        link("libcuda.so.1", "libcuda.so.535.104.05");
        library("libnvidia-ml.so", "535.104.05");
        link("libnvidia-ml.so.1", "libnvidia-ml.so.535.104.05");
        library("libnvidia-glcore.so", "520.61.05");
        library("libnvidia-egl-gbm.so", "1.1.0");
        library("libcudart.so", "12.2.140");
        put("/usr/bin/nvidia-smi", "");

        NvidiaDriver driver = driver();

        assertThat(driver.module()).contains(new DriverVersion("535.104.05"));
        assertThat(driver.trouble()).isEmpty();
        assertThat(driver.libraries())
                .containsOnlyKeys(
                        "libcuda.so",
                        "libcuda.so.1",
                        "libcuda.so.535.104.05",
                        "libnvidia-ml.so",
                        "libnvidia-ml.so.1",
                        "libnvidia-ml.so.535.104.05")
                .containsEntry("libcuda.so.1", LIB + "libcuda.so.535.104.05");
        assertThat(driver.programs()).containsExactly("/usr/bin/nvidia-smi");
    }

    @Test
    void theFileBesideAnOldLinkIsTaken() throws IOException {
        module("NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  550.54.15  Release Build  (root@h)");
        library("libcuda.so", "535.104.05");
        library("libcuda.so", "550.54.15");
        link("libcuda.so.1", "libcuda.so.535.104.05");

        NvidiaDriver driver = driver();

        assertThat(driver.cuda()).contains(new DriverVersion("535.104.05"));
        assertThat(driver.trouble()).isEmpty();
        assertThat(driver.libraries())
                .containsEntry("libcuda.so.1", LIB + "libcuda.so.550.54.15")
                .doesNotContainKey("libcuda.so.535.104.05");
    }

    @Test
    void aModuleOfAnotherVersionIsTrouble() throws IOException {
        module("NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.104.05  Sat Aug 19 01:15:15 UTC 2023");
        library("libcuda.so", "550.54.15");
        link("libcuda.so.1", "libcuda.so.550.54.15");

        assertThat(driver().trouble().orElse("")).contains("535.104.05", "550.54.15", "reboot the node");
    }

    @Test
    void whatIsThereByHalfIsTrouble() throws IOException {
        assertThat(driver().trouble()).isEmpty();
        library("libcuda.so", "550.54.15");
        link("libcuda.so.1", "libcuda.so.550.54.15");
        assertThat(driver().trouble().orElse("")).contains("modprobe nvidia");
        Files.delete(root.resolve((LIB + "libcuda.so.1").substring(1)));
        module("NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.104.05  Sat Aug 19 01:15:15 UTC 2023");
        assertThat(driver().trouble().orElse("")).contains("finds no libcuda.so.1");
    }

    @Test
    void theNewestCompatibilityLibrariesOfAnImageAreFound() throws IOException {
        put("/usr/local/cuda-12.2/compat/libcuda.so.535.104.05", "");
        put("/usr/local/cuda-12.4/compat/libcuda.so.550.54.15", "");
        put("/usr/local/cuda-12.4/compat/libcuda.so.1", "");
        put("/usr/local/other/compat/libcuda.so.999.1", "");
        assertThat(CudaCompat.of(new TreePaths(new HostTree(root))))
                .isEqualTo(Optional.of(new CudaCompat("/usr/local/cuda-12.4/compat", new DriverVersion("550.54.15"))));
        assertThat(new DriverVersion("550.54.15")).isGreaterThan(new DriverVersion("550.9"));
        assertThat(new DriverVersion("535.104.05")).isLessThan(new DriverVersion("550.54"));
    }

    @Test
    void makersAreToldByTheirDevices() {
        List<String> all = List.of(
                "/dev/nvidia0",
                "/dev/nvidiactl",
                "/dev/nvidia-caps/nvidia-cap21",
                "/dev/gdrdrv",
                "/dev/kfd",
                "/dev/dri/renderD128");
        assertThat(GpuMaker.NVIDIA.devices(all)).containsExactlyElementsOf(all.subList(0, 4));
        assertThat(GpuMaker.AMD.devices(all)).containsExactlyElementsOf(all.subList(4, 6));
        assertThat(GpuMaker.INTEL.devices(all)).containsExactly("/dev/dri/renderD128");
        assertThat(GpuMaker.NVIDIA.devices(all.subList(1, 6))).isEmpty();
        assertThat(GpuMaker.AMD.devices(List.of("/dev/dri/renderD128"))).isEmpty();
    }
}
