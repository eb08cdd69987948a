package dev.dunnage.policy;

import java.util.List;
import java.util.stream.Stream;

/**
 * A decision and how it came about.
 *
 * @param rules the list of denied keys, then every rule and group in the order in which they are looked at
 * @param decision what came of it
 * @param grants what the deciding rule grants, of use when the decision allows
 */
public record Explanation(List<Considered> rules, Decision decision, Grants grants) {
    /** Copies the list. */
    public Explanation {
        rules = List.copyOf(rules);
    }

    /** One line for each rule, then the decision. */
    public List<String> lines() {
        return Stream.concat(rules.stream().map(Considered::oneLine), Stream.of(decision.oneLine()))
                .toList();
    }
}
