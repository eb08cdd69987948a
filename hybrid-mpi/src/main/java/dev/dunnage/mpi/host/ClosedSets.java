package dev.dunnage.mpi.host;

import dev.dunnage.mpi.elf.ElfException;
import dev.dunnage.mpi.facts.GlibcVersion;
import dev.dunnage.mpi.ld.Library;
import dev.dunnage.mpi.ld.LibrarySearch;
import dev.dunnage.mpi.tree.TreePaths;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Finds the directories that libraries load components from, and closes them. */
public final class ClosedSets {
    private static final int MAX_COMPONENTS = 1024;
    private static final Pattern GLIBC_FAMILY = Pattern.compile(
            "(?:libc|libm|libpthread|libdl|librt|libresolv|libutil|libmvec|libanl)\\.so\\..*|ld-linux.*");

    /**
     * A library that loads components.
     *
     * @param library names of its files
     * @param places where the components may be, from the directory of the library
     * @param component names of components
     */
    private record Kind(String name, Pattern library, List<String> places, Pattern component) {}

    private static final List<Kind> KINDS = List.of(
            new Kind(
                    "openmpi",
                    Pattern.compile("libmpi\\.so\\.40(?:\\..*)?"),
                    List.of("openmpi/lib/openmpi3", "openmpi/lib/openmpi", "openmpi"),
                    Pattern.compile("mca_.*\\.so")),
            new Kind(
                    "pmix",
                    Pattern.compile("libpmix\\.so\\.[0-9]+"),
                    List.of("pmix"),
                    Pattern.compile("(?:pmix_)?mca_.*\\.so")),
            new Kind(
                    "ucx",
                    Pattern.compile("libucp\\.so\\.0"),
                    List.of("ucx"),
                    Pattern.compile("lib(?:uct|ucm|ucx)_.*\\.so\\.0")),
            new Kind(
                    "libfabric",
                    Pattern.compile("libfabric\\.so\\.1"),
                    List.of("libfabric"),
                    Pattern.compile("lib.*-fi\\.so")),
            new Kind(
                    "verbs",
                    Pattern.compile("libibverbs\\.so\\.1"),
                    List.of("libibverbs"),
                    Pattern.compile("lib.*-rdmav[0-9]+\\.so")));

    private final TreePaths paths;
    private final LibrarySearch search;

    ClosedSets(TreePaths paths, LibrarySearch search) {
        this.paths = paths;
        this.search = search;
    }

    /** Whether a library is the C library's, by the name that others ask for. */
    public static boolean isOfGlibc(String name) {
        return GLIBC_FAMILY.matcher(name).matches();
    }

    /**
     * The sets of libraries that lie in these directories, those of the first directory first.
     *
     * @param directories real paths
     */
    List<ClosedSet> in(Collection<String> directories) throws IOException {
        List<ClosedSet> sets = new ArrayList<>();
        Set<String> known = new TreeSet<>();
        for (Kind kind : KINDS) {
            for (String directory : directories) {
                Optional<String> library = paths.names(directory).stream()
                        .filter(name -> kind.library().matcher(name).matches())
                        .findFirst();
                if (library.isPresent()) {
                    set(kind, directory, library.get())
                            .filter(set -> known.add(set.directory()))
                            .ifPresent(sets::add);
                }
            }
        }
        return sets;
    }

    private Optional<ClosedSet> set(Kind kind, String directory, String library) throws IOException {
        String real = paths.real(TreePaths.in(directory, library)).orElse(directory);
        for (String start : new LinkedHashSet<>(List.of(directory, TreePaths.parent(real)))) {
            for (String place : kind.places()) {
                Optional<String> home = paths.realDirectory(TreePaths.in(start, place));
                List<String> components = home.isEmpty()
                        ? List.of()
                        : paths.names(home.get()).stream()
                                .filter(name -> kind.component().matcher(name).matches())
                                .limit(MAX_COMPONENTS)
                                .toList();
                if (!components.isEmpty()) {
                    return Optional.of(closed(kind.name(), home.get(), components, TreePaths.in(directory, library)));
                }
            }
        }
        return Optional.empty();
    }

    private ClosedSet closed(String name, String directory, List<String> components, String library)
            throws IOException {
        List<String> starts = new ArrayList<>(List.of(library));
        components.forEach(component -> starts.add(TreePaths.in(directory, component)));
        Closure closure = closure(starts);
        return new ClosedSet(
                name, directory, components.size(), closure.libraries(), closure.glibc(), closure.missing());
    }

    /** What the loader adds to files, with the first of them. */
    record Closure(List<String> libraries, Optional<String> glibc, List<String> missing) {}

    Closure closure(List<String> starts) throws IOException {
        Set<String> libraries = new TreeSet<>();
        Set<String> missing = new TreeSet<>();
        List<String> versions = new ArrayList<>();
        for (String start : starts) {
            try {
                search.file(start).ifPresent(file -> versions.addAll(file.elf().demanded()));
                for (Library library : search.closure(start)) {
                    library.found()
                            .ifPresentOrElse(
                                    found -> {
                                        if (!isOfGlibc(library.name())) {
                                            libraries.add(found.path());
                                            versions.addAll(found.elf().demanded());
                                        }
                                    },
                                    () -> missing.add(library.name()));
                }
            } catch (ElfException e) {
                missing.add(TreePaths.name(start)); // listed, but of another processor or damaged
            }
        }
        if (!starts.isEmpty()) {
            libraries.add(starts.get(0));
        }
        return new Closure(
                List.copyOf(libraries),
                GlibcVersion.highest(versions).map(GlibcVersion::toString),
                List.copyOf(missing));
    }
}
