package dev.dunnage.mpi.explain;

import dev.dunnage.mpi.facts.Program;
import dev.dunnage.mpi.facts.TreeFacts;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What an image has.
 *
 * @param programs its programs that use MPI
 * @param offered what of MPI its libraries offer, by their path
 */
public record ImageSide(TreeFacts facts, List<Program> programs, Map<String, Set<String>> offered) {

    /** Copies them. */
    public ImageSide {
        programs = List.copyOf(programs);
        offered = Map.copyOf(offered);
    }
}
