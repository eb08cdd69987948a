package dev.dunnage.policy;

import java.util.OptionalLong;

/**
 * Limits beside those of the allocation.
 *
 * @param pids most processes and threads of the step on a node, at least 1
 * @param memory most memory of the step on a node in bytes, at least 1
 */
public record Limits(OptionalLong pids, OptionalLong memory) {
    /** No limit of its own. */
    public static final Limits NONE = new Limits(OptionalLong.empty(), OptionalLong.empty());

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException on a limit below 1
     */
    public Limits {
        if (pids.orElse(1) < 1 || memory.orElse(1) < 1) {
            throw new IllegalArgumentException("a limit must be at least 1");
        }
    }

    /** Whether there is none. */
    public boolean none() {
        return pids.isEmpty() && memory.isEmpty(); // by equals it would cost what EnvironmentGrant.passesAll tells
    }

    /** The smaller of the limit and what Slurm allocated, in bytes: a policy never grants more. */
    public long memoryWithin(long allocated) {
        return Math.min(allocated, memory.orElse(allocated));
    }
}
