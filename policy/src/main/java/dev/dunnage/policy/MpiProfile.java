package dev.dunnage.policy;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What the compute nodes of a site offer to MPI, from the key {@code mpi} of {@code dunnage.yaml}, which
 * {@code dunnage mpi learn} writes:
 *
 * <pre>{@code
 * mpi:
 *   slurm: [pmi2, pmix]                  # plug-ins that srun --mpi can use
 *   pmix: "4.2.2"                        # version of the nodes' PMIx library
 *   glibc: "2.36"
 *   installations:
 *     - family: openmpi                  # or mpich, cray, standard, unknown
 *       version: "4.1.4"
 *       library: /usr/lib/x86_64-linux-gnu/libmpi.so.40.30.4
 *       glibc: "2.36"                    # what it needs, with all libraries that it needs
 *       launchers: [/usr/bin/orterun]
 *   sets:                                # libraries with components: from one side or not at all
 *     - name: ucx
 *       directory: /usr/lib/x86_64-linux-gnu/ucx
 *       glibc: "2.34"
 *       libraries: [/lib/x86_64-linux-gnu/libucp.so.0]
 * }</pre>
 *
 * @param slurm values of {@code srun --mpi}; empty when not known
 */
public record MpiProfile(
        List<String> slurm,
        Optional<String> pmix,
        Optional<String> glibc,
        List<Installation> installations,
        List<ComponentSet> sets) {

    /** One MPI. */
    public record Installation(
            String family, Optional<String> version, Path library, Optional<String> glibc, List<Path> launchers) {

        /** Copies the list. */
        public Installation {
            launchers = List.copyOf(launchers);
        }
    }

    /** Files that belong together. */
    public record ComponentSet(String name, Path directory, Optional<String> glibc, List<Path> libraries) {

        /** Copies the list. */
        public ComponentSet {
            libraries = List.copyOf(libraries);
        }
    }

    /** Copies the lists. */
    public MpiProfile {
        slurm = List.copyOf(slurm);
        installations = List.copyOf(installations);
        sets = List.copyOf(sets);
    }
}
