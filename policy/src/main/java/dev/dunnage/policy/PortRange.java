package dev.dunnage.policy;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Ports of a node that users may have mapped into their steps.
 *
 * @param first at least 1
 * @param last at least {@code first}, at most 65535
 */
public record PortRange(int first, int last) {
    private static final Pattern TEXT = Pattern.compile("([1-9][0-9]{0,4})(?:-([1-9][0-9]{0,4}))?");
    private static final int MOST = 65535;

    /** Reads {@code 8080} or {@code 8000-8999}; empty when it is neither. */
    static Optional<PortRange> of(String text) {
        Matcher parts = TEXT.matcher(text);
        if (!parts.matches()) {
            return Optional.empty();
        }
        int first = Integer.parseInt(parts.group(1));
        int last = parts.group(2) == null ? first : Integer.parseInt(parts.group(2));
        return first <= last && last <= MOST ? Optional.of(new PortRange(first, last)) : Optional.empty();
    }

    boolean contains(int port) {
        return first <= port && port <= last;
    }

    @Override
    public String toString() {
        return first == last ? String.valueOf(first) : first + "-" + last;
    }
}
