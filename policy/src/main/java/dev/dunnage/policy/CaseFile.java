package dev.dunnage.policy;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A file of cases for {@link PolicyTests}.
 *
 * @param policy the file to try, resolved
 * @param isEcl whether that is an {@code ecl.toml}
 */
record CaseFile(Path file, Optional<Path> policy, boolean isEcl, List<Case> cases) {

    /** Facts and what shall come of them. */
    record Case(
            String name,
            int line,
            Subject subject,
            ImageFacts image,
            SignatureFacts signatures,
            Instant time,
            Expected expected) {}

    /** A part of a decision; what is empty may be anything. */
    record Expected(boolean allow, Optional<String> rule, Optional<Boolean> trusted, Optional<String> reason) {

        List<String> complaints(Decision seen) {
            List<String> complaints = new ArrayList<>();
            boolean allowed = seen instanceof Decision.Allow;
            if (allowed != allow) {
                complaints.add("expected " + word(allow) + ", got " + word(allowed));
            }
            rule.filter(name -> !name.equals(seen.rule()))
                    .ifPresent(name -> complaints.add("expected rule '" + name + "', got '" + seen.rule() + "'"));
            boolean trust = seen instanceof Decision.Allow a && a.trusted();
            trusted.filter(wanted -> wanted != trust)
                    .ifPresent(wanted -> complaints.add("expected trusted " + wanted + ", got " + trust));
            reason.filter(text -> !seen.oneLine().contains(text))
                    .ifPresent(text -> complaints.add("expected '" + text + "' in: " + seen.oneLine()));
            return complaints;
        }

        private static String word(boolean allow) {
            return allow ? "allow" : "deny";
        }
    }
}
