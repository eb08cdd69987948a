package dev.dunnage.launcher.wire;

import java.util.ArrayList;
import java.util.List;

/**
 * Networks that a step asks for or gets, each with an interface of its own.
 *
 * @param names in a request also {@code host} or {@code none}, which stand alone; in a plan names of the site's networks
 * @param ports what of the node's ports lead there
 */
public record Networks(List<String> names, List<PortMapping> ports) {
    /** None is named. */
    public static final Networks NONE = new Networks(List.of(), List.of());

    private static final int MOST = 4;

    /** Copies the lists. */
    public Networks {
        names = List.copyOf(names);
        ports = List.copyOf(ports);
    }

    static Networks read(RecordReader in, Tag names, Tag ports) throws WireException {
        List<PortMapping> mappings = new ArrayList<>();
        for (String text : in.strings(ports)) {
            mappings.add(PortMapping.of(text));
        }
        Networks networks = new Networks(in.strings(names), mappings);
        networks.check(names, ports);
        return networks;
    }

    RecordWriter write(RecordWriter out, Tag nameTag, Tag portTag) throws WireException {
        check(nameTag, portTag);
        return out.strings(nameTag, names)
                .strings(portTag, ports.stream().map(PortMapping::toString).toList());
    }

    private void check(Tag nameTag, Tag portTag) throws WireException {
        if (names.isEmpty() && !ports.isEmpty()) {
            throw new WireException("record " + portTag + " comes without a network");
        }
        if (names.size() > MOST) {
            throw new WireException("record " + nameTag + " comes more than " + MOST + " times");
        }
    }
}
