package dev.dunnage.mpi.explain;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether two releases of PMIx understand each other. */
final class PmixRule {
    private static final Pattern VERSION = Pattern.compile("([0-9]{1,4})\\.([0-9]{1,4})(?:\\.([0-9]{1,4}))?.*");

    private PmixRule() {}

    /** The rule, when both are known. */
    static Optional<Rule> of(Optional<String> image, Optional<String> host) {
        if (image.isEmpty() || host.isEmpty()) {
            return Optional.empty();
        }
        String both = "PMIx " + image.get() + " in the image, " + host.get() + " on the nodes: ";
        Optional<String> old = isOld(image.get()) ? image : isOld(host.get()) ? host : Optional.empty();
        if (old.isPresent()) {
            return Optional.of(Rule.open(
                    "PMIx",
                    both + old.get()
                            + " is older than the first releases that speak with others (1.2.5, 2.0.3, 2.1.1, 3.0.0)"));
        }
        return Optional.of(Rule.holds(
                "PMIx", both + "both are of the releases that speak with others; security is set to native"));
    }

    private static boolean isOld(String version) {
        Matcher parts = VERSION.matcher(version);
        if (!parts.matches()) {
            return false;
        }
        int major = Integer.parseInt(parts.group(1));
        int minor = Integer.parseInt(parts.group(2));
        int patch = parts.group(3) == null ? 0 : Integer.parseInt(parts.group(3));
        return switch (major) {
            case 0 -> true;
            case 1 -> minor < 2 || (minor == 2 && patch < 5);
            case 2 -> (minor == 0 && patch < 3) || (minor == 1 && patch < 1);
            default -> false;
        };
    }
}
