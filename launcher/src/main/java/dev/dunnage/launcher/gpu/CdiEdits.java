package dev.dunnage.launcher.gpu;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a device wants of a container.
 *
 * @param environment variables
 * @param devices paths in /dev
 * @param mounts files and directories of the host, by their place in the container
 * @param links names that lead to a library of the driver, by the names of their own
 */
record CdiEdits(
        Map<String, String> environment, List<String> devices, Map<String, String> mounts, Map<String, String> links) {
    static final CdiEdits NONE = new CdiEdits(Map.of(), List.of(), Map.of(), Map.of());

    /** Keeps the order. */
    CdiEdits {
        environment = new LinkedHashMap<>(environment);
        devices = List.copyOf(devices);
        mounts = new LinkedHashMap<>(mounts);
        links = new LinkedHashMap<>(links);
    }

    /** Both; where they disagree, the other counts. */
    CdiEdits and(CdiEdits other) {
        CdiEdits both = new CdiEdits(environment, union(devices, other.devices), mounts, links);
        both.environment.putAll(other.environment);
        both.mounts.putAll(other.mounts);
        both.links.putAll(other.links);
        return both;
    }

    private static List<String> union(List<String> first, List<String> second) {
        List<String> all = new ArrayList<>(first);
        second.stream().filter(each -> !all.contains(each)).forEach(all::add);
        return all;
    }
}
