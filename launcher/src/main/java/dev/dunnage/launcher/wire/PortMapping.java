package dev.dunnage.launcher.wire;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A port of the node that leads to one of a step in a network of the site.
 *
 * @param host port of the node, 1 to 65535
 * @param container port in the step's network, 1 to 65535
 * @param protocol tcp or udp
 */
public record PortMapping(int host, int container, String protocol) {
    private static final Pattern TEXT = Pattern.compile("([1-9][0-9]{0,4}):([1-9][0-9]{0,4})/(tcp|udp)");
    private static final int MOST = 65535;

    static PortMapping of(String text) throws WireException {
        Matcher parts = TEXT.matcher(text);
        if (!parts.matches() || port(parts, 1) > MOST || port(parts, 2) > MOST) {
            throw new WireException("is not HOST:CONTAINER/PROTOCOL");
        }
        return new PortMapping(port(parts, 1), port(parts, 2), parts.group(3));
    }

    private static int port(Matcher parts, int group) {
        return Integer.parseInt(parts.group(group));
    }

    @Override
    public String toString() {
        return host + ":" + container + "/" + protocol;
    }
}
