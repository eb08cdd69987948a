package dev.dunnage.mpi;

import java.util.Optional;
import java.util.regex.Pattern;

/** How the ranks of a step find each other, by the MPI plugin that Slurm uses for the step ({@code srun --mpi}). */
public enum PmiKind {
    /** A PMIx server in slurmstepd, reached over TCP on loopback and a directory of shared memory files. */
    PMIX,
    /** An inherited descriptor per task, named by {@code PMI_FD}; PMI1 is spoken the same way. */
    PMI2,
    /** No process management: ranks cannot find each other through Slurm. */
    NONE,
    /** A plugin that this program has no wiring for. */
    UNKNOWN;

    private static final Pattern PMIX_TYPE = Pattern.compile("pmix(?:_v[0-9]{1,3})?");

    /**
     * Classifies Slurm's name of the plugin.
     *
     * @param mpiType such as {@code pmix}, {@code pmix_v4}, {@code pmi2}, {@code none}; empty when Slurm named none, as
     *     in batch steps. {@code openmpi}, an older name, sets up nothing and counts as none. {@code mpirun-openmpi} and
     *     {@code mpirun-hydra} name launchers outside Slurm's plugins
     */
    public static PmiKind of(Optional<String> mpiType) {
        String type = mpiType.orElse("none");
        if (PMIX_TYPE.matcher(type).matches()) {
            return PMIX;
        }
        return switch (type) {
            case "mpirun-openmpi" -> PMIX;
            case "pmi2", "mpirun-hydra" -> PMI2;
            case "none", "openmpi", "" -> NONE;
            default -> UNKNOWN;
        };
    }

    /** Whether a name that {@link #of} takes is that of an mpirun. */
    public static boolean isMpirun(String mpiType) {
        return mpiType.startsWith("mpirun-");
    }
}
