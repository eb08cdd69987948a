package dev.dunnage.mpi.gpu;

import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;

/** Makers of GPUs, told apart by the devices of their drivers. */
public enum GpuMaker {
    /** One device each, and common ones for the driver. */
    NVIDIA("NVIDIA", "nvidia", "nvidia[0-9]+", "nvidia.*|gdrdrv"),
    /** {@code /dev/kfd} and the render devices of the kernel's graphics drivers. */
    AMD("AMD", "amdgpu", "dri/renderD[0-9]+", "kfd|dri/.*"),
    /** The render devices of the kernel's graphics drivers alone. */
    INTEL("Intel", "i915 or xe", "dri/renderD[0-9]+", "dri/.*");

    private static final String DEV = "/dev/";

    private final String shown;
    private final String driver;
    private final Pattern single;
    private final Pattern all;

    GpuMaker(String shown, String driver, String single, String all) {
        this.shown = shown;
        this.driver = driver;
        this.single = Pattern.compile(DEV + "(?:" + single + ")");
        this.all = Pattern.compile(DEV + "(?:" + all + ")");
    }

    /** The maker's name. */
    public String shown() {
        return shown;
    }

    /** The kernel's driver. */
    public String driver() {
        return driver;
    }

    /** Whether a device is one GPU, and not common to all. */
    public boolean isSingle(String device) {
        return single.matcher(device).matches();
    }

    /** The maker's devices; none when no GPU is among them. AMD's cannot compute without {@code /dev/kfd}. */
    public List<String> devices(Collection<String> found) {
        boolean usable = found.stream().anyMatch(this::isSingle) && (this != AMD || found.contains(DEV + "kfd"));
        return usable
                ? found.stream().filter(device -> all.matcher(device).matches()).toList()
                : List.of();
    }
}
