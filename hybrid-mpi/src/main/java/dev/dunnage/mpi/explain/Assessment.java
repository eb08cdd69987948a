package dev.dunnage.mpi.explain;

import java.util.List;

/** One way, with the rules that decide whether it is open. */
public record Assessment(Way way, List<Rule> rules) {

    /** Copies the list. */
    public Assessment {
        rules = List.copyOf(rules);
    }

    /** Whether no rule fails. */
    public boolean fits() {
        return rules.stream().noneMatch(rule -> rule.outcome() == Rule.Outcome.FAILS);
    }
}
