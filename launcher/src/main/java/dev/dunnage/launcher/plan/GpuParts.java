package dev.dunnage.launcher.plan;

import dev.dunnage.launcher.wire.Bind;
import dev.dunnage.launcher.wire.EnvironmentVariable;
import dev.dunnage.launcher.wire.HostFiles;
import java.util.ArrayList;
import java.util.List;

/**
 * What of the node's GPUs a container has.
 *
 * @param narrows whether of the node's GPUs only these devices may be seen
 * @param devices in /dev
 * @param files of the driver, read-only
 * @param binds sockets of the driver's services
 * @param environment variables
 * @param notices lines that the user should see
 */
record GpuParts(
        boolean narrows,
        List<String> devices,
        List<Bind> files,
        List<Bind> binds,
        List<EnvironmentVariable> environment,
        List<String> notices) {
    /** Where the container has libraries of the driver. */
    static final String LIBRARIES = "/.dunnage/host/gpu";

    /** Nothing is said of GPUs. */
    static final GpuParts NONE = empty(false);

    static GpuParts empty(boolean narrows) {
        return new GpuParts(narrows, List.of(), List.of(), List.of(), List.of(), List.of());
    }

    GpuParts {
        devices = List.copyOf(devices);
        files = List.copyOf(files);
        binds = List.copyOf(binds);
        environment = List.copyOf(environment);
        notices = List.copyOf(notices);
    }

    /** Both the driver's files and those of the host that the container has anyway. */
    HostFiles beside(HostFiles other) {
        return new HostFiles(both(other.files(), files), other.shims());
    }

    GpuParts and(GpuParts other) {
        return new GpuParts(
                narrows || other.narrows,
                both(devices, other.devices),
                both(files, other.files),
                both(binds, other.binds),
                both(environment, other.environment),
                both(notices, other.notices));
    }

    private static <T> List<T> both(List<T> first, List<T> second) {
        List<T> all = new ArrayList<>(first);
        second.stream().filter(each -> !all.contains(each)).forEach(all::add);
        return all;
    }
}
