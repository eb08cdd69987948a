package dev.dunnage.launcher.plan;

import dev.dunnage.launcher.gpu.CdiException;
import dev.dunnage.launcher.gpu.DriverFiles;
import dev.dunnage.launcher.wire.Bind;
import dev.dunnage.launcher.wire.Code;
import dev.dunnage.launcher.wire.EnvironmentVariable;
import dev.dunnage.launcher.wire.LaunchRequest;
import dev.dunnage.mpi.gpu.CudaCompat;
import dev.dunnage.mpi.gpu.DriverVersion;
import dev.dunnage.mpi.gpu.GpuMaker;
import dev.dunnage.mpi.tree.TreePaths;
import dev.dunnage.policy.GpuSettings;
import dev.dunnage.policy.Grants;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Which GPUs a container has, and with what of their driver. Which ones a step was given the kernel says, by the request's
 * devices; no variable of user or image counts. Whoever asks for a GPU in a step and has none is refused; without Slurm he is
 * told, as with Apptainer.
 */
final class GpuWiring {
    /** Directories that the C side appends to LD_LIBRARY_PATH. */
    static final String LIBRARY_PATH = "DUNNAGE_GPU_LIBRARY_PATH";

    private final TreePaths host;
    private final GpuSettings settings;
    private final Grants grants;
    private final String place;

    /**
     * For one step.
     *
     * @param place rule, file and line, and whom to ask, for messages
     */
    GpuWiring(TreePaths host, GpuSettings settings, Grants grants, String place) {
        this.host = host;
        this.settings = settings;
        this.grants = grants;
        this.place = place;
    }

    /** What the image's container gets. */
    GpuParts parts(LaunchRequest request, ImageInHand image) throws RefusedException, IOException {
        Set<GpuMaker> asked = EnumSet.noneOf(GpuMaker.class);
        request.hardware().gpus().forEach(gpu -> asked.add(GpuMaker.valueOf(gpu.name())));
        if (request.hardware().withoutGpu()) {
            return GpuParts.empty(!request.rootless());
        }
        GpuParts all = GpuParts.NONE;
        for (GpuMaker maker : asked.isEmpty() ? standard() : asked) {
            all = all.and(parts(request, image, maker, asked.contains(maker)));
        }
        return all;
    }

    private Set<GpuMaker> standard() {
        return switch (settings.standard()) {
            case NONE -> Set.of();
            case AUTO -> EnumSet.allOf(GpuMaker.class);
            case NVIDIA -> EnumSet.of(GpuMaker.NVIDIA);
            case AMD -> EnumSet.of(GpuMaker.AMD);
            case INTEL -> EnumSet.of(GpuMaker.INTEL);
        };
    }

    private GpuParts parts(LaunchRequest request, ImageInHand image, GpuMaker maker, boolean asked)
            throws RefusedException, IOException {
        String option = option(request, maker);
        List<String> present = maker.devices(request.hardware().gpuDevices());
        if (present.isEmpty()) {
            return asked ? absent(request, maker, option) : nothing(request);
        }
        List<String> granted = maker.devices(
                grants.gpu()
                        ? present.stream()
                                .filter(device -> grants.grantsDevice(Path.of(device)))
                                .toList()
                        : List.of());
        if (granted.isEmpty()) {
            if (asked) {
                throw new RefusedException(
                        Code.POLICY, option + ": " + barred(maker) + "; leave the option out (" + place + ")");
            }
            return nothing(request);
        }
        try {
            return wired(request, image, granted, DriverFiles.of(host, maker, granted));
        } catch (CdiException e) {
            if (asked && !request.rootless()) {
                throw new RefusedException(Code.SETUP, option + ", node " + request.node() + ": " + e.getMessage(), e);
            }
            return told(request, "the container has no " + maker.shown() + " GPU: " + e.getMessage());
        }
    }

    private String barred(GpuMaker maker) {
        return grants.gpu()
                ? "the policy's 'devices' name no " + maker.shown() + " GPU that this step has"
                : "the policy shows no GPU to this image ('gpu: false')";
    }

    private static String option(LaunchRequest request, GpuMaker maker) {
        String word = switch (maker) {
            case NVIDIA -> "nv";
            case AMD -> "rocm";
            case INTEL -> "intel";
        };
        return (request.jobId() == 0 ? "--" : "--container-") + word;
    }

    private static GpuParts nothing(LaunchRequest request) {
        return GpuParts.empty(!request.rootless());
    }

    private static GpuParts told(LaunchRequest request, String line) {
        GpuParts none = nothing(request);
        return new GpuParts(none.narrows(), List.of(), List.of(), List.of(), List.of(), List.of(line));
    }

    private GpuParts absent(LaunchRequest request, GpuMaker maker, String option) throws RefusedException {
        boolean common = request.hardware().gpuDevices().stream()
                .anyMatch(device -> device.startsWith("/dev/" + maker.name().toLowerCase(Locale.ROOT))
                        || (maker == GpuMaker.AMD && device.equals("/dev/kfd")));
        String cause = common && request.jobId() != 0
                ? "this step was given none of the " + maker.shown() + " GPUs of node " + request.node()
                : "node " + request.node() + " has no " + maker.shown() + " GPU whose driver (" + maker.driver()
                        + ") runs";
        if (request.rootless() || request.jobId() == 0 || !settings.absentRefused()) {
            return told(request, option + ": " + cause + "; the container starts without one");
        }
        throw new RefusedException(
                Code.REQUEST,
                option + ": " + cause + "; ask Slurm for one, as with --gres=gpu:1, or leave the option out");
    }

    private GpuParts wired(LaunchRequest request, ImageInHand image, List<String> devices, DriverFiles driver)
            throws RefusedException, IOException {
        List<Bind> files = new ArrayList<>();
        driver.libraries()
                .forEach((name, file) -> files.add(new Bind(file, GpuParts.LIBRARIES + "/" + name, true, false)));
        driver.others().forEach((target, file) -> files.add(new Bind(file, target, true, false)));
        List<Bind> binds = new ArrayList<>();
        driver.sockets().forEach((target, socket) -> binds.add(new Bind(socket, target, false, true)));
        List<EnvironmentVariable> environment = new ArrayList<>();
        driver.environment().forEach((name, value) -> environment.add(new EnvironmentVariable(name, value)));
        if (!driver.libraries().isEmpty()) {
            String compat = newer(image, driver.version())
                    .map(directory -> directory + ":")
                    .orElse("");
            environment.add(new EnvironmentVariable(LIBRARY_PATH, compat + GpuParts.LIBRARIES));
        }
        return new GpuParts(!request.rootless(), devices, files, binds, environment, List.of());
    }

    /** The image's own libraries for drivers older than its CUDA, when they are newer than this driver. */
    private static Optional<String> newer(ImageInHand image, Optional<DriverVersion> driver)
            throws RefusedException, IOException {
        if (driver.isEmpty()) {
            return Optional.empty();
        }
        return image.cudaCompat()
                .filter(compat -> compat.version().compareTo(driver.get()) > 0)
                .map(CudaCompat::directory);
    }
}
