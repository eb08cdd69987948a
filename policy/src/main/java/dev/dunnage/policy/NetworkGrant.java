package dev.dunnage.policy;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The networks that a user may choose from, and what of the node's ports lead there.
 *
 * @param choices {@link #HOST}, {@link #NONE} and names of the site's networks, in the order of the file, never empty
 * @param ports ports of the node that may lead into a step in a network of the site; none when empty
 */
public record NetworkGrant(List<String> choices, List<PortRange> ports) {
    /** The node's own network. */
    public static final String HOST = "host";
    /** Nothing but a loopback device. It takes away only, so everybody may choose it. */
    public static final String NONE = "none";

    static final NetworkGrant DEFAULT = new NetworkGrant(List.of(HOST), List.of());
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,30}");

    /** Copies the lists. */
    public NetworkGrant {
        choices = List.copyOf(choices);
        ports = List.copyOf(ports);
    }

    /** Of the file that describes a network, behind its name. */
    public static final String SUFFIX = ".conflist";

    static boolean isOfSite(String text) {
        return isChoice(text) && !text.equals(HOST) && !text.equals(NONE);
    }

    /** Whether a network can have this name. */
    public static boolean isChoice(String text) {
        return NAME.matcher(text).matches();
    }

    /** The site's networks among the choices. */
    List<String> siteNetworks() {
        return choices.stream().filter(NetworkGrant::isOfSite).toList();
    }

    boolean namesNetworks() {
        return !siteNetworks().isEmpty();
    }

    /** Whether a step may have the node's network. */
    public boolean grantsHost() {
        return choices.contains(HOST);
    }

    /** What a step gets that asks for nothing. */
    public String usual() {
        return grantsHost() ? HOST : NONE;
    }

    /** Why a network that a user wants is not granted; empty when it is. */
    public Optional<String> refusalOf(String wanted) {
        return wanted.equals(NONE) || choices.contains(wanted)
                ? Optional.empty()
                : Optional.of("the policy does not grant the network '" + wanted + "' here; allowed are "
                        + String.join(", ", choices)
                        + (choices.contains(NONE) ? "" : ", " + NONE));
    }

    /** Why a port of the node that a user wants is not granted; empty when it is. */
    public Optional<String> refusalOfPort(int port) {
        if (ports.stream().anyMatch(range -> range.contains(port))) {
            return Optional.empty();
        }
        return Optional.of("the policy does not grant port " + port + " of the node here; "
                + (ports.isEmpty()
                        ? "it grants none, leave it out"
                        : "allowed are "
                                + ports.stream().map(PortRange::toString).collect(Collectors.joining(", "))));
    }
}
