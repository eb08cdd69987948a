package dev.dunnage.policy;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A rule or group as it stands in the policy.
 *
 * @param line 1-based line of its first key
 * @param column 1-based column of its first key
 * @param validity when the rule is in force
 */
record RuleEntry(
        Path file,
        String name,
        int line,
        int column,
        List<Condition> conditions,
        Validity validity,
        Requirement requirement,
        Grants grants) {
    RuleEntry {
        conditions = List.copyOf(conditions);
    }

    Match match(Subject subject, ImageFacts image, Instant at) {
        if (!validity.contains(at)) {
            return Match.no("it holds " + validity + " only");
        }
        return Match.all(conditions.stream().map(c -> c.judge(subject, image)).toList());
    }

    /** What the conditions that cannot be judged look at. */
    Set<Need> missing(Subject subject, ImageFacts image) {
        return conditions.stream()
                .filter(condition -> condition.judge(subject, image).is(Match.Answer.UNKNOWN))
                .flatMap(condition -> condition.needs().stream())
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Whether this rule decides whatever the later one could. */
    boolean hides(RuleEntry later) {
        return validity.contains(later.validity)
                && conditions.stream()
                        .allMatch(wide -> later.conditions.stream().anyMatch(wide::includes));
    }
}
