package dev.dunnage.mpi.bind;

import dev.dunnage.mpi.elf.ElfException;
import dev.dunnage.mpi.host.ClosedSet;
import dev.dunnage.mpi.host.ClosedSets;
import dev.dunnage.mpi.ld.Library;
import dev.dunnage.mpi.ld.LibrarySearch;
import dev.dunnage.mpi.tree.TreePaths;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Everything of a machine that comes with some of its libraries: what the loader adds, the components that they load by
 * themselves, and what the loader adds to those. Without the C library, of which there is one in a process.
 */
final class HostClosure {
    private static final Pattern COMPONENT = Pattern.compile(".+\\.so(?:\\.[0-9]+)*");
    private static final String UCX = "ucx";
    private static final Pattern NOBODY = Pattern.compile("(?!)");
    private static final Map<String, Pattern> LOADERS = Map.of(
            "openmpi",
            Pattern.compile("libmpi\\.so\\.40"),
            "pmix",
            Pattern.compile("libpmix\\.so\\.[0-9]+"),
            UCX,
            Pattern.compile("libuc[pst]\\.so\\.0"),
            "libfabric",
            Pattern.compile("libfabric\\.so\\.1"),
            "verbs",
            Pattern.compile("libibverbs\\.so\\.1"));

    private final TreePaths host;
    private final LibrarySearch search;
    private final List<ClosedSet> sets;
    private final Map<String, Library.Found> libraries = new LinkedHashMap<>();
    private final List<Component> components = new ArrayList<>();
    private final Set<String> directories = new TreeSet<>();
    private final Map<String, String> beside = new TreeMap<>();
    private final Set<String> missing = new TreeSet<>();
    private final Set<String> seeds = new TreeSet<>();

    /**
     * A file that a library loads by itself.
     *
     * @param loader name of that library
     */
    record Component(Library.Found file, Pattern loader) {
        boolean isLoadedBy(Set<String> names) {
            return names.stream().anyMatch(name -> loader.matcher(name).matches());
        }
    }

    private HostClosure(TreePaths host, LibrarySearch search, List<ClosedSet> sets) {
        this.host = host;
        this.search = search;
        this.sets = sets;
    }

    /**
     * Closes some libraries.
     *
     * @param seeds their paths by the name that programs ask for
     * @param demanded names of those without which the others are of no use; others that lack something are left out
     */
    static HostClosure of(
            TreePaths host, LibrarySearch search, List<ClosedSet> sets, Map<String, String> seeds, Set<String> demanded)
            throws IOException {
        HostClosure closure = new HostClosure(host, search, sets);
        for (Map.Entry<String, String> seed : seeds.entrySet()) {
            closure.add(seed.getKey(), seed.getValue(), demanded.contains(seed.getKey()));
        }
        closure.addComponents();
        return closure;
    }

    private void add(String name, String path, boolean demanded) throws IOException {
        Optional<Library.Found> found = search.file(path);
        Set<String> lacking = found.isEmpty() ? Set.of(name) : lacking(path);
        if (demanded) {
            missing.addAll(lacking);
        }
        if (found.isPresent() && (demanded || lacking.isEmpty())) {
            seeds.add(name);
            libraries.put(name, found.get());
            follow(path);
        }
    }

    private Set<String> lacking(String path) throws IOException {
        Set<String> names = new TreeSet<>();
        try {
            for (Library library : search.closure(path)) {
                if (library.found().isEmpty() && !ClosedSets.isOfGlibc(library.name())) {
                    names.add(library.name());
                }
            }
        } catch (ElfException e) {
            names.add(TreePaths.name(path));
        }
        return names;
    }

    /** What the loader adds to a file. A component that lacks something is passed over when MPI starts. */
    private void follow(String path) throws IOException {
        try {
            for (Library library : search.closure(path)) {
                if (library.found().isPresent()
                        && !ClosedSets.isOfGlibc(library.name())
                        && !isComponent(library.found().get())) {
                    libraries.putIfAbsent(library.name(), library.found().get());
                }
            }
        } catch (ElfException e) {
            components.removeIf(component -> component.file().path().equals(path)); // of another processor, or damaged
        }
    }

    /** Those are loaded by whom they belong to, before those that need them; loaded with it they would be torn down after it. */
    private boolean isComponent(Library.Found found) {
        String directory = TreePaths.parent(found.real());
        return sets.stream().anyMatch(set -> set.directory().equals(directory));
    }

    private void addComponents() throws IOException {
        Set<ClosedSet> done = new HashSet<>();
        Deque<ClosedSet> next = new ArrayDeque<>(wanted(done));
        while (!next.isEmpty()) {
            ClosedSet set = next.removeFirst();
            if (done.add(set) && keep(set)) {
                for (String name : host.names(set.directory())) {
                    String path = TreePaths.in(set.directory(), name);
                    Optional<Library.Found> found =
                            COMPONENT.matcher(name).matches() ? search.file(path) : Optional.empty();
                    if (found.isPresent()) {
                        components.add(new Component(found.get(), loader(set)));
                        follow(path);
                    }
                }
            }
            next.addAll(wanted(done));
        }
    }

    /** Whether the directory is new. */
    private boolean keep(ClosedSet set) {
        return set.name().equals(UCX)
                ? beside.putIfAbsent(UCX, set.directory()) == null
                : directories.add(set.directory());
    }

    private static Pattern loader(ClosedSet set) {
        return LOADERS.getOrDefault(set.name(), NOBODY);
    }

    /** Sets whose library is among ours; of several of one kind the one that names our very file. */
    private List<ClosedSet> wanted(Set<ClosedSet> done) throws IOException {
        List<ClosedSet> wanted = new ArrayList<>();
        for (ClosedSet set : sets) {
            if (!done.contains(set) && isOurs(set)) {
                wanted.add(set);
            }
        }
        return wanted;
    }

    private boolean isOurs(ClosedSet set) throws IOException {
        Set<String> files = new TreeSet<>();
        for (String library : set.libraries()) {
            host.realFile(library).ifPresent(files::add);
        }
        return libraries.entrySet().stream()
                .filter(each -> loader(set).matcher(each.getKey()).matches())
                .anyMatch(each -> files.contains(each.getValue().real()));
    }

    /** Libraries by the name that others ask for. */
    Map<String, Library.Found> libraries() {
        return libraries;
    }

    /** Files of the directories. */
    List<Component> components() {
        return components;
    }

    /** Directories of components that a library looks for at their own path. */
    Set<String> directories() {
        return directories;
    }

    /** Directories of components that a library looks for beside itself, by the name they have there. */
    Map<String, String> beside() {
        return beside;
    }

    /** Names of the libraries that were closed. */
    Set<String> seeds() {
        return seeds;
    }

    /** Names that the machine itself does not have. */
    Set<String> missing() {
        return missing;
    }
}
