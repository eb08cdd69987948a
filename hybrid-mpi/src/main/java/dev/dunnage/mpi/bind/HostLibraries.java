package dev.dunnage.mpi.bind;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What an image gets of a machine.
 *
 * @param label which libraries these are, such as {@code Open MPI 4.1.4}
 * @param libraries files of the machine by the name that others ask for, and directories of components that they look for beside
 *     themselves; all lie in a directory where nobody looks
 * @param places files and directories of the machine that are shown at their own path, because it is built into a library
 * @param shims places in the image where a library leads to those of the machine, each with names in {@code libraries}, first
 *     the one that it stands for
 * @param kept names of libraries for which the image's own copy will do
 * @param warning which programs of the image could not do with them; empty when none is known
 * @param glibc files of the machine's C library by the file of the image whose place each takes; none when the image's will do
 */
public record HostLibraries(
        String label,
        Map<String, String> libraries,
        List<String> places,
        Map<String, List<String>> shims,
        List<String> kept,
        Optional<String> warning,
        Map<String, String> glibc) {

    /** Copies them. */
    public HostLibraries {
        libraries = Collections.unmodifiableMap(new TreeMap<>(libraries));
        places = List.copyOf(places);
        shims = Collections.unmodifiableMap(new TreeMap<>(shims));
        kept = List.copyOf(kept);
        glibc = Collections.unmodifiableMap(new TreeMap<>(glibc));
    }
}
