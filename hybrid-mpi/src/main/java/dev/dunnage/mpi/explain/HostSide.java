package dev.dunnage.mpi.explain;

import dev.dunnage.mpi.facts.GlibcVersion;
import dev.dunnage.mpi.facts.MpiFamily;
import dev.dunnage.mpi.facts.Speech;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the nodes offer, as far as it is known.
 *
 * @param pmi values of {@code srun --mpi}; empty when nobody knows
 * @param pmix version of the server
 * @param libraries its MPI
 * @param fabrics network libraries such as {@code ucx}, each with what it needs of glibc
 * @param names of all files in the sets of libraries with components, such as {@code libucp.so.0}
 */
public record HostSide(
        List<String> pmi,
        Optional<String> pmix,
        List<HostLibrary> libraries,
        Map<String, Optional<GlibcVersion>> fabrics,
        Set<String> names) {

    /** Copies them. */
    public HostSide {
        pmi = List.copyOf(pmi);
        libraries = List.copyOf(libraries);
        fabrics = Map.copyOf(fabrics);
        names = Set.copyOf(names);
    }

    /**
     * An MPI library of the nodes.
     *
     * @param version empty when it is not known
     * @param glibc what it needs with everything that the loader adds
     * @param functions what it offers; empty when the file is not on this machine
     * @param voice what it speaks; empty when the file is not on this machine
     */
    public record HostLibrary(
            MpiFamily family,
            Optional<String> version,
            String path,
            Optional<GlibcVersion> glibc,
            Optional<Set<String>> functions,
            Optional<Speech.Voice> voice) {

        /** Family and version. */
        public String label() {
            return family.label(version);
        }
    }
}
