package dev.dunnage.policy;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads whole numbers and sizes. */
final class Numbers {
    private static final Pattern WHOLE = Pattern.compile("[0-9]{1,18}");
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,9})(KiB|MiB|GiB|TiB)");

    private Numbers() {}

    static Optional<Long> whole(Node node, Findings findings, long least, long most) {
        if (node instanceof Node.Scalar scalar
                && scalar.plain()
                && WHOLE.matcher(scalar.text()).matches()) {
            long number = Long.parseLong(scalar.text());
            if (number >= least && number <= most) {
                return Optional.of(number);
            }
        }
        findings.add(node, "must be a whole number from " + least + " to " + most + ", not " + node.kind());
        return Optional.empty();
    }

    /** A size in bytes. */
    static Optional<Long> size(Node node, Findings findings) {
        if (node instanceof Node.Scalar scalar) {
            Matcher parts = SIZE.matcher(scalar.text());
            if (parts.matches()) {
                long number = Long.parseLong(parts.group(1));
                int shift = shift(parts.group(2));
                if (number > 0 && number <= Long.MAX_VALUE >> shift) {
                    return Optional.of(number << shift);
                }
            }
        }
        findings.add(node, "must be a size such as 512MiB (with KiB, MiB, GiB or TiB), not " + node.kind());
        return Optional.empty();
    }

    private static int shift(String unit) {
        return switch (unit) {
            case "KiB" -> 10;
            case "MiB" -> 20;
            case "GiB" -> 30;
            default -> 40;
        };
    }
}
