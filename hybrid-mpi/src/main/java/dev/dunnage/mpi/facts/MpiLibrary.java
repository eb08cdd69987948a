package dev.dunnage.mpi.facts;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * An MPI library.
 *
 * @param path without links
 * @param soname the name that programs ask for
 * @param version such as {@code 4.1.4}
 * @param protocols what it can reach a launcher by: {@code pmix}, {@code pmi2}, {@code pmi1}
 * @param certain whether it has no other protocols than these
 * @param fortran names of its Fortran libraries
 * @param glibc highest version of glibc that it needs; empty when it needs none
 * @param gpus whose memory it can send from beside the host's: {@code cuda}, {@code rocm}, {@code level-zero}
 */
public record MpiLibrary(
        String path,
        String soname,
        MpiFamily family,
        Optional<String> version,
        Set<String> protocols,
        boolean certain,
        List<String> fortran,
        Optional<String> glibc,
        List<String> gpus) {

    /** Sorts the protocols. */
    public MpiLibrary {
        protocols = Collections.unmodifiableSet(new TreeSet<>(protocols));
        fortran = List.copyOf(fortran);
        gpus = List.copyOf(gpus);
    }

    /** Family and version. */
    public String label() {
        return family.label(version);
    }
}
