package dev.dunnage.mpi.explain;

import java.util.List;

/**
 * The answer.
 *
 * @param choice {@code hybrid}, {@code bind}, {@code none} when there is no MPI to start, or {@code refuse}
 * @param runnable whether MPI programs would find each other
 * @param pmi what {@code srun --mpi} this is about
 * @param reason one line: why, and what to do
 * @param ways every way with its rules
 * @param transport how bytes would travel
 */
public record Explanation(
        String choice, boolean runnable, String pmi, String reason, List<Assessment> ways, List<Rule> transport) {

    /** Copies the lists. */
    public Explanation {
        ways = List.copyOf(ways);
        transport = List.copyOf(transport);
    }
}
