package dev.dunnage.mpi.host;

import dev.dunnage.mpi.facts.TreeFacts;
import java.util.List;
import java.util.Optional;

/**
 * What a machine offers.
 *
 * @param tree its libraries
 * @param installations its MPI
 * @param slurm its Slurm; empty when it has no plug-ins of one
 * @param sets libraries with components
 */
public record HostFacts(TreeFacts tree, List<HostMpi> installations, Optional<SlurmPmi> slurm, List<ClosedSet> sets) {

    /** Copies the lists. */
    public HostFacts {
        installations = List.copyOf(installations);
        sets = List.copyOf(sets);
    }
}
