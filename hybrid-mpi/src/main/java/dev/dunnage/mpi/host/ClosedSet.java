package dev.dunnage.mpi.host;

import java.util.List;
import java.util.Optional;

/**
 * Files that share a private interface, so that they come from one side or not at all: a library that loads components by
 * itself, the directory with them, and everything that the loader adds. {@code ldd} sees the last part alone.
 *
 * @param name such as {@code ucx}
 * @param directory of the components, whose path is built into the library
 * @param components how many there are
 * @param libraries paths that the loader finds for library and components, without those of glibc
 * @param glibc highest version of glibc that any of them needs
 * @param missing names that the loader does not find
 */
public record ClosedSet(
        String name,
        String directory,
        int components,
        List<String> libraries,
        Optional<String> glibc,
        List<String> missing) {

    /** Copies the lists. */
    public ClosedSet {
        libraries = List.copyOf(libraries);
        missing = List.copyOf(missing);
    }
}
