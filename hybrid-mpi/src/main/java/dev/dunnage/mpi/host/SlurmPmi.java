package dev.dunnage.mpi.host;

import java.util.List;

/**
 * What Slurm of this machine can give to the ranks of a step.
 *
 * @param directory of its plug-ins
 * @param types values of {@code srun --mpi}, such as {@code pmix} and {@code pmi2}
 */
public record SlurmPmi(String directory, List<String> types) {

    /** Copies the list. */
    public SlurmPmi {
        types = List.copyOf(types);
    }
}
