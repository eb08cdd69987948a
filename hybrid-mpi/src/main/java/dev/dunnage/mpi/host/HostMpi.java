package dev.dunnage.mpi.host;

import dev.dunnage.mpi.facts.MpiLibrary;
import java.util.List;
import java.util.Optional;

/**
 * An MPI installation of the machine.
 *
 * @param launchers paths of its {@code mpirun} and the like
 * @param closureGlibc highest version of glibc that it needs with everything that the loader adds
 */
public record HostMpi(MpiLibrary library, List<String> launchers, Optional<String> closureGlibc) {

    /** Copies the list. */
    public HostMpi {
        launchers = List.copyOf(launchers);
    }
}
