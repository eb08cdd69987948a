package dev.dunnage.mpi.facts;

import dev.dunnage.mpi.elf.ElfFile;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Whose memory an MPI library can send from, beside the host's. A library is built for that or is not; each family shows it in
 * another place.
 *
 * @param shown name for users
 * @param component of Open MPI and of UCX
 * @param layer Cray's library for it
 * @param runtimes libraries that a library with direct support needs
 * @param builtIn what {@code libopen-pal} has when the component is a part of it
 * @param dataTypes what MPICH's engine for data types has
 */
record GpuAwareness(
        String shown,
        String component,
        String layer,
        List<String> runtimes,
        SearchedText builtIn,
        SearchedText dataTypes) {

    private static final List<GpuAwareness> ALL = List.of(
            of("cuda", "cuda", "cuda", "cuda", "libcudart.so", "libcuda.so"),
            of("rocm", "rocm", "hip", "hsa", "libamdhip64.so", "libhsa-runtime64.so"),
            of("level-zero", "ze", "ze", "ze", "libze_loader.so"));

    private static GpuAwareness of(String shown, String component, String dataTypes, String layer, String... runtimes) {
        return new GpuAwareness(
                shown,
                component,
                layer,
                List.of(runtimes),
                SearchedText.word("mca_accelerator_" + component + "_component"),
                SearchedText.word("yaksuri_" + dataTypes + "_init_hook"));
    }

    /** What is to be looked for in {@code libopen-pal}. */
    static List<SearchedText> textsOfOpenMpi() {
        return ALL.stream().map(GpuAwareness::builtIn).toList();
    }

    /** What is to be looked for in a library of MPICH's kind. */
    static List<SearchedText> textsOfMpich() {
        return ALL.stream().map(GpuAwareness::dataTypes).toList();
    }

    /**
     * What one library was built for.
     *
     * @param texts those of {@link #textsOfOpenMpi} or {@link #textsOfMpich} that were there
     */
    static List<String> ofLibrary(MpiFamily family, ElfFile elf, FoundFiles found, Set<SearchedText> texts) {
        return shown(gpu ->
                elf.needed().stream().anyMatch(name -> gpu.runtimes.stream().anyMatch(name::startsWith))
                        || (family == MpiFamily.OPEN_MPI
                                ? gpu.openMpi(found, texts)
                                : texts.contains(gpu.dataTypes) || has(found, "libmpi_gtl_" + gpu.layer)));
    }

    /** What UCX has components for: MPI over it can then do what it was not built for itself. */
    static List<String> ofUcx(FoundFiles found) {
        return shown(gpu -> has(found, "libuct_" + gpu.component));
    }

    /** Up to version 4 by a library of its own, for CUDA alone; from version 5 on by a component, which may be built in. */
    private boolean openMpi(FoundFiles found, Set<SearchedText> texts) {
        return texts.contains(builtIn)
                || has(found, "mca_accelerator_" + component)
                || (shown.equals("cuda") && has(found, "libmca_common_cuda"));
    }

    private static boolean has(FoundFiles found, String library) {
        return !found.names(library + "\\.so(?:\\..*)?").isEmpty();
    }

    private static List<String> shown(Predicate<GpuAwareness> condition) {
        return ALL.stream().filter(condition).map(GpuAwareness::shown).toList();
    }
}
