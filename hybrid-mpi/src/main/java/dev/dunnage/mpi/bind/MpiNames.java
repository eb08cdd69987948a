package dev.dunnage.mpi.bind;

import dev.dunnage.mpi.facts.MpiFamily;
import dev.dunnage.mpi.facts.MpiLibrary;
import dev.dunnage.mpi.ld.Library;
import dev.dunnage.mpi.ld.LibrarySearch;
import dev.dunnage.mpi.tree.TreePaths;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names of MPI libraries: which stand for each other, which belong together. */
final class MpiNames {
    private static final Pattern OF_OPEN_MPI =
            Pattern.compile("lib(?:mpi(?:_[a-z0-9_]+(?:-gfortran)?)?|open-pal|open-rte|oshmem)\\.so\\.[0-9]+");
    private static final Pattern OF_MPICH = Pattern.compile("lib(?:mpi|mpich)(?:cxx|fort|f90)?\\.so\\.12");
    private static final Pattern MPICH_NAME = Pattern.compile("lib(mpich|mpi)(cxx|fort|f90)?\\.so\\.12");
    private static final Pattern LIBRARY_DIRECTORY = Pattern.compile("(/.*|)/lib(?:64|32)?(?:/[^/]+-linux-gnu[^/]*)?");

    private MpiNames() {}

    /** Whether it is an MPI library, or one of its Fortran or C++ libraries. */
    static boolean isMpi(String name) {
        return name.startsWith("libmpi")
                && (OF_OPEN_MPI.matcher(name).matches()
                        || OF_MPICH.matcher(name).matches());
    }

    /** Whether programs that were built with one library can load the other. */
    static boolean serves(MpiLibrary host, MpiLibrary image) {
        return aliases(host.soname()).contains(image.soname())
                && host.family().standsFor(host.version(), image.family(), image.version());
    }

    /** The names by which programs may ask for a library: Debian gives MPICH's another than MPICH itself. */
    static List<String> aliases(String soname) {
        Matcher mpich = MPICH_NAME.matcher(soname);
        if (!mpich.matches()) {
            return List.of(soname);
        }
        String rest = Optional.ofNullable(mpich.group(2)).orElse("") + ".so.12";
        return List.of("libmpi" + rest, "libmpich" + rest);
    }

    /** The library and those that are installed with it, by the name that programs ask for. */
    static Map<String, String> seeds(TreePaths host, LibrarySearch search, MpiLibrary library) throws IOException {
        Set<String> directories = new LinkedHashSet<>(List.of(TreePaths.parent(library.path())));
        Optional<Library.Found> usual = search.find(library.soname());
        if (usual.filter(found -> found.real().equals(library.path())).isPresent()) {
            directories.add(TreePaths.parent(usual.get().path()));
        }
        Pattern related = library.family() == MpiFamily.OPEN_MPI ? OF_OPEN_MPI : OF_MPICH;
        Map<String, String> seeds = new TreeMap<>(Map.of(library.soname(), library.path()));
        for (String directory : directories) {
            for (String name : host.names(directory)) {
                // Java's needs a JVM of the image's own
                if (related.matcher(name).matches() && !name.startsWith("libmpi_java")) {
                    seeds.putIfAbsent(name, TreePaths.in(directory, name));
                }
            }
        }
        return seeds;
    }

    /** Settings and texts that the library reads from paths that are built into it. */
    static List<String> data(TreePaths host, MpiLibrary library) throws IOException {
        if (library.family() != MpiFamily.OPEN_MPI) {
            return List.of();
        }
        List<String> found = new ArrayList<>();
        Matcher prefix = LIBRARY_DIRECTORY.matcher(TreePaths.parent(library.path()));
        if (prefix.matches()) {
            String share = prefix.group(1) + "/share/";
            String etc = prefix.group(1).equals("/usr") ? "/etc/" : prefix.group(1) + "/etc/";
            for (String path : List.of(share + "openmpi", share + "pmix", etc + "openmpi")) {
                host.realDirectory(path).ifPresent(found::add);
            }
            for (String path : List.of(etc + "openmpi-mca-params.conf", etc + "pmix-mca-params.conf")) {
                host.realFile(path).filter(path::equals).ifPresent(found::add);
            }
        }
        return found;
    }
}
