package dev.dunnage.mpi.explain;

import dev.dunnage.mpi.host.HostDevices;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Whether the nodes' network libraries could stand in for the image's. */
final class FabricRules {
    private static final Map<String, String> LIBRARIES =
            Map.of("libfabric", "libfabric.so.1", "ucx", "libucp.so.0", "verbs", "libibverbs.so.1");

    private final ImageSide image;
    private final HostSide host;
    private final HostDevices devices;

    FabricRules(ImageSide image, HostSide host, HostDevices devices) {
        this.image = image;
        this.host = host;
        this.devices = devices;
    }

    List<Rule> rules() {
        List<Rule> rules = new ArrayList<>();
        for (String name : List.of("libfabric", "ucx", "verbs")) {
            if (image.facts().fabrics().containsKey(LIBRARIES.get(name))
                    && host.fabrics().containsKey(name)) {
                rules.add(new BindRules(image, host)
                        .glibc(name + " of the nodes", host.fabrics().get(name)));
            }
        }
        if (rules.isEmpty()) {
            rules.add(Rule.fails("libraries", "image and nodes have no network library with components in common"));
        }
        if (!devices.hasFastNetwork()) {
            rules.add(Rule.fails("devices", "this machine has no network that would need them"));
        }
        return rules;
    }
}
