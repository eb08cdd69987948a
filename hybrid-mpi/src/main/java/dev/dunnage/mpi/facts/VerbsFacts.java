package dev.dunnage.mpi.facts;

import java.util.List;
import java.util.Optional;

/**
 * The verbs library of a tree.
 *
 * @param abi number of the private ABI that its drivers must have
 * @param drivers names of drivers of this ABI, such as {@code mlx5}
 */
public record VerbsFacts(Optional<String> abi, List<String> drivers) {

    /** Copies the list. */
    public VerbsFacts {
        drivers = List.copyOf(drivers);
    }
}
