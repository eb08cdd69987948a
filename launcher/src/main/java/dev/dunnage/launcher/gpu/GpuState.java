package dev.dunnage.launcher.gpu;

import dev.dunnage.mpi.gpu.DriverVersion;
import dev.dunnage.mpi.gpu.GpuMaker;
import dev.dunnage.mpi.gpu.NvidiaDriver;
import dev.dunnage.mpi.tree.TreePaths;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The graphics processors of one maker on a machine.
 *
 * @param driver name of the kernel's driver
 * @param module version of the driver in the kernel; empty when it does not tell or does not run
 * @param library version of the driver's library that must be the kernel's; empty when there is none
 * @param devices one for each processor
 * @param trouble what keeps containers from using them, and the cure, in one line
 */
public record GpuState(
        GpuMaker maker,
        String driver,
        Optional<String> module,
        Optional<String> library,
        List<String> devices,
        Optional<String> trouble) {
    private static final String AMD = "amdgpu";
    private static final List<String> INTEL = List.of("i915", "xe");

    /** Copies the list. */
    public GpuState {
        devices = List.copyOf(devices);
    }

    /** All makers that the machine has something of. */
    public static List<GpuState> of(TreePaths machine) throws IOException {
        List<String> found = devices(machine);
        List<GpuState> states = new ArrayList<>();
        nvidia(machine, found).ifPresent(states::add);
        if (!GpuMaker.AMD.devices(found).isEmpty()) {
            rendering(machine, GpuMaker.AMD, AMD, found).ifPresent(states::add);
        }
        for (String driver : INTEL) {
            rendering(machine, GpuMaker.INTEL, driver, found).ifPresent(states::add);
        }
        return states;
    }

    /** The devices of those makers whose driver containers can use. */
    public static List<String> usable(TreePaths machine) throws IOException {
        List<String> usable = new ArrayList<>();
        of(machine).stream()
                .filter(state -> state.trouble().isEmpty())
                .forEach(state -> usable.addAll(state.devices()));
        return usable;
    }

    /** What there is in the machine's /dev that may belong to a graphics processor. */
    public static List<String> devices(TreePaths machine) throws IOException {
        List<String> devices = new ArrayList<>();
        for (String directory : List.of("/dev", "/dev/dri", "/dev/nvidia-caps")) {
            machine.names(directory).forEach(name -> devices.add(TreePaths.in(directory, name)));
        }
        return devices;
    }

    private static Optional<GpuState> nvidia(TreePaths machine, List<String> found) throws IOException {
        List<String> own = GpuMaker.NVIDIA.devices(found);
        // without /proc nothing can be told of libraries
        if (machine.realFile("/proc/cpuinfo").isEmpty()) {
            return own.isEmpty()
                    ? Optional.empty()
                    : Optional.of(nvidia(own, Optional.empty(), Optional.empty(), Optional.empty()));
        }
        NvidiaDriver driver = NvidiaDriver.of(machine);
        if (own.isEmpty()) {
            return driver.module().isEmpty() && driver.cuda().isEmpty()
                    ? Optional.empty()
                    : Optional.of(nvidia(own, driver.module(), driver.cuda(), driver.trouble()));
        }
        Optional<String> trouble = Optional.empty();
        try {
            DriverFiles.of(machine, GpuMaker.NVIDIA, own);
        } catch (CdiException e) {
            trouble = Optional.of(String.valueOf(e.getMessage()));
        }
        return Optional.of(nvidia(own, driver.module(), driver.cuda(), trouble));
    }

    private static GpuState nvidia(
            List<String> devices,
            Optional<DriverVersion> module,
            Optional<DriverVersion> library,
            Optional<String> trouble) {
        return new GpuState(
                GpuMaker.NVIDIA,
                GpuMaker.NVIDIA.driver(),
                module.map(DriverVersion::text),
                library.map(DriverVersion::text),
                devices.stream().filter(GpuMaker.NVIDIA::isSingle).toList(),
                trouble);
    }

    /** Render devices tell the maker by the driver that serves them alone. */
    private static Optional<GpuState> rendering(TreePaths machine, GpuMaker maker, String driver, List<String> found)
            throws IOException {
        List<String> own = new ArrayList<>();
        for (String device : found) {
            String place = "/sys/class/drm/" + TreePaths.name(device) + "/device/driver";
            if (maker.isSingle(device)
                    && machine.real(place)
                            .map(TreePaths::name)
                            .filter(driver::equals)
                            .isPresent()) {
                own.add(device);
            }
        }
        return own.isEmpty()
                ? Optional.empty()
                : Optional.of(new GpuState(
                        maker,
                        driver,
                        firstLine(machine, "/sys/module/" + driver + "/version"),
                        Optional.empty(),
                        own,
                        Optional.empty()));
    }

    private static Optional<String> firstLine(TreePaths machine, String path) throws IOException {
        Optional<String> file = machine.realFile(path);
        if (file.isEmpty()) {
            return Optional.empty();
        }
        // files of /sys have another length than they say
        try (var bytes = machine.tree().open(file.get())) {
            byte[] head = new byte[64];
            int count = bytes.read(0, head, 0, head.length);
            return new String(head, 0, Math.max(0, count), StandardCharsets.US_ASCII)
                    .lines()
                    .findFirst()
                    .filter(line -> !line.isBlank());
        }
    }
}
