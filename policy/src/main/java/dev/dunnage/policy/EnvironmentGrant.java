package dev.dunnage.policy;

import java.util.List;

/**
 * Which variables of the user's environment reach the program in the container.
 *
 * @param patterns names, or starts of names followed by {@code *}; {@code *} alone fits all
 */
public record EnvironmentGrant(List<String> patterns) {
    /** Everything. */
    public static final EnvironmentGrant ALL = new EnvironmentGrant(List.of("*"));

    /** Nothing. */
    public static final EnvironmentGrant NONE = new EnvironmentGrant(List.of());

    /** Copies the list. */
    public EnvironmentGrant {
        patterns = List.copyOf(patterns);
    }

    /** Whether every variable is passed. */
    public boolean passesAll() {
        // Not by equals: what the JVM makes of a record's for its first use takes a tenth of a one-shot start.
        return patterns.equals(ALL.patterns);
    }

    /** Whether a variable is passed. */
    public boolean passes(String name) {
        return patterns.stream()
                .anyMatch(pattern -> pattern.endsWith("*")
                        ? name.startsWith(pattern.substring(0, pattern.length() - 1))
                        : name.equals(pattern));
    }
}
