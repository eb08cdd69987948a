package dev.dunnage.mpi.facts;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a tree of files holds.
 *
 * @param mpi its MPI libraries, by path
 * @param libc which C library it has, glibc or musl; empty when it has neither
 * @param libcVersion highest version of symbols of glibc
 * @param pmix version of the PMIx library
 * @param psec security components that its PMIx has
 * @param gds data stores that its PMIx has
 * @param fabrics network libraries with the real file name, such as {@code libfabric.so.1} to {@code libfabric.so.1.20.0}
 * @param rdmaAbi private ABI numbers of its verbs drivers
 * @param verbs what its {@code libibverbs} loads; empty when it has none
 * @param gpus GPU run times, such as {@code cuda}
 * @param ucxGpus whose memory UCX has components for, as {@link MpiLibrary#gpus}
 * @param complete whether the whole tree was looked at
 */
public record TreeFacts(
        List<MpiLibrary> mpi,
        Optional<String> libc,
        Optional<String> libcVersion,
        Optional<String> pmix,
        List<String> psec,
        List<String> gds,
        Map<String, String> fabrics,
        List<String> rdmaAbi,
        Optional<VerbsFacts> verbs,
        List<String> gpus,
        List<String> ucxGpus,
        boolean complete) {

    /** Copies the lists. */
    public TreeFacts {
        mpi = List.copyOf(mpi);
        psec = List.copyOf(psec);
        gds = List.copyOf(gds);
        fabrics = Collections.unmodifiableMap(new TreeMap<>(fabrics));
        rdmaAbi = List.copyOf(rdmaAbi);
        gpus = List.copyOf(gpus);
        ucxGpus = List.copyOf(ucxGpus);
    }

    /** What the image can be spoken to with. */
    public Speech speech() {
        return Speech.of(this);
    }
}
