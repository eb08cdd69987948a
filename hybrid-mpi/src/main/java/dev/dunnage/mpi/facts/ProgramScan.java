package dev.dunnage.mpi.facts;

import dev.dunnage.mpi.elf.ElfException;
import dev.dunnage.mpi.elf.ElfFile;
import dev.dunnage.mpi.elf.ElfSymbol;
import dev.dunnage.mpi.tree.FileBytes;
import dev.dunnage.mpi.tree.TreePaths;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Looks for programs that use MPI, where images have programs of their own: in directories named {@code bin}. */
public final class ProgramScan {
    private static final Set<String> NOT_THERE = Set.of(
            "/bin",
            "/sbin",
            "/usr/bin",
            "/usr/sbin",
            "/usr/lib",
            "/usr/lib64",
            "/lib",
            "/lib64",
            "/usr/share",
            "/proc",
            "/sys",
            "/dev",
            "/run",
            "/tmp",
            "/var",
            "/boot",
            "/etc",
            "/usr/include",
            "/usr/src");
    private static final Pattern MPI_LIBRARY = Pattern.compile("lib(?:mpi|mpich)[a-z0-9_]*\\.so(?:\\..*)?");
    // of C, and what Fortran compilers make of the same names
    private static final Pattern FUNCTION = Pattern.compile("P?MPI_[A-Z][A-Za-z0-9_]*|p?mpi_[a-z][a-z0-9_]*_");
    private static final int MAX_FILES = 512;
    private static final int MAX_DIRECTORIES = 20_000;
    private static final int MAX_DEPTH = 8;

    private record Place(String path, int depth) {}

    private ProgramScan() {}

    /** Programs of an image that use MPI; of very large ones the first. */
    public static List<Program> in(TreePaths image) throws IOException {
        List<Program> programs = new ArrayList<>();
        Deque<Place> left = new ArrayDeque<>(List.of(new Place("/", 0)));
        int files = 0;
        for (int seen = 0; !left.isEmpty() && seen < MAX_DIRECTORIES && files < MAX_FILES; seen++) {
            Place place = left.removeFirst();
            if (TreePaths.name(place.path()).equals("bin")) {
                for (String name : image.names(place.path())) {
                    if (files++ < MAX_FILES) {
                        program(image, TreePaths.in(place.path(), name)).ifPresent(programs::add);
                    }
                }
            }
            if (place.depth() < MAX_DEPTH) {
                for (String name : image.tree().directories(place.path())) {
                    String below = TreePaths.in(place.path(), name);
                    if (!NOT_THERE.contains(below)) {
                        left.add(new Place(below, place.depth() + 1));
                    }
                }
            }
        }
        return programs;
    }

    /** The program or library at a path; empty when it asks for no MPI library or is no such file. */
    public static Optional<Program> program(TreePaths image, String path) throws IOException {
        Optional<String> real = image.realFile(path);
        if (real.isEmpty()) {
            return Optional.empty();
        }
        try (FileBytes bytes = image.tree().open(real.get())) {
            ElfFile elf = ElfFile.read(bytes);
            Set<String> libraries = elf.needed().stream()
                    .filter(name -> MPI_LIBRARY.matcher(name).matches())
                    .collect(Collectors.toCollection(TreeSet::new));
            return libraries.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new Program(path, libraries, functions(bytes, false)));
        } catch (ElfException e) {
            return Optional.empty();
        }
    }

    /** What of MPI a library and its Fortran libraries offer; empty when the library cannot be read here. */
    public static Optional<Set<String>> offered(TreePaths tree, MpiLibrary library) throws IOException {
        Optional<Set<String>> offered = offered(tree, library.path());
        if (offered.isPresent()) {
            for (String name : library.fortran()) {
                offered(tree, TreePaths.in(TreePaths.parent(library.path()), name))
                        .ifPresent(offered.get()::addAll);
            }
        }
        return offered;
    }

    /** What of MPI one file offers, in a set of the caller's own; empty when it cannot be read here. */
    public static Optional<Set<String>> offered(TreePaths tree, String path) throws IOException {
        Optional<String> real = tree.realFile(path);
        if (real.isEmpty()) {
            return Optional.empty();
        }
        try (FileBytes bytes = tree.tree().open(real.get())) {
            return Optional.of(functions(bytes, true));
        } catch (ElfException e) {
            return Optional.empty();
        }
    }

    private static Set<String> functions(FileBytes bytes, boolean defined) throws IOException, ElfException {
        return ElfFile.symbols(bytes, name -> FUNCTION.matcher(name).matches()).stream()
                .filter(symbol -> symbol.defined() == defined)
                .map(ElfSymbol::name)
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
