package dev.dunnage.mpi.bind;

import dev.dunnage.mpi.facts.GlibcVersion;
import dev.dunnage.mpi.facts.MpiFamily;
import dev.dunnage.mpi.facts.MpiLibrary;
import dev.dunnage.mpi.facts.Speech;
import dev.dunnage.mpi.facts.TreeFacts;
import dev.dunnage.mpi.host.HostFacts;
import dev.dunnage.mpi.host.HostMpi;
import dev.dunnage.mpi.ld.Library;
import dev.dunnage.mpi.ld.LibrarySearch;
import dev.dunnage.mpi.ld.Processor;
import dev.dunnage.mpi.tree.TreePaths;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Makes the MPI of a machine, or what it sends messages with, serve the programs of an image. Reads files; runs nothing. */
public final class Binder {
    private static final String HYBRID = "use --container-mpi=hybrid";

    private static final List<String> FABRICS = List.of(
            "libfabric.so.1",
            "libucp.so.0",
            "libuct.so.0",
            "libucs.so.0",
            "libucm.so.0",
            "libibverbs.so.1",
            "librdmacm.so.1");

    private final TreePaths host;
    private final HostFacts facts;

    /**
     * Reads nothing yet.
     *
     * @param facts what the machine offers; MPI that is not among its installations is not used
     */
    public Binder(TreePaths host, HostFacts facts) {
        this.host = host;
        this.facts = facts;
    }

    /**
     * The machine's MPI for an image.
     *
     * @param has what the image holds
     * @param pmi as of {@link Speech#objection}; empty when the ranks need not find each other
     * @throws BindException when it would not run
     */
    public HostLibraries mpi(TreePaths image, TreeFacts has, Optional<String> pmi) throws IOException, BindException {
        Sides sides = sides(image, has);
        List<MpiLibrary> wanted = matching(has, pmi);
        Map<String, String> seeds = new TreeMap<>();
        for (MpiLibrary library : wanted) {
            seeds.putAll(MpiNames.seeds(host, sides.ofHost(), library));
        }
        Set<String> demanded = wanted.stream().map(MpiLibrary::soname).collect(Collectors.toSet());
        return brought(sides, label(wanted), seeds, demanded, wanted, true);
    }

    /**
     * The machine's network libraries (libfabric, UCX, verbs) for an image that has the same, beneath its own MPI.
     *
     * @param has what the image holds
     * @throws BindException when they would not run
     */
    public HostLibraries fabric(TreePaths image, TreeFacts has) throws IOException, BindException {
        Sides sides = sides(image, has);
        Map<String, String> seeds = new TreeMap<>();
        for (String name : FABRICS) {
            Optional<Library.Found> hosts = sides.ofHost().find(name);
            if (hosts.isPresent() && sides.ofImage().find(name).isPresent()) {
                seeds.put(name, hosts.get().path());
            }
        }
        if (seeds.isEmpty()) {
            throw new BindException("image and nodes have no network library in common ("
                    + (has.fabrics().isEmpty()
                            ? "the image has none"
                            : String.join(", ", has.fabrics().keySet()))
                    + "); " + HYBRID);
        }
        return brought(sides, "the set of network libraries", seeds, seeds.keySet(), List.of(), false);
    }

    /**
     * Image and machine.
     *
     * @param home the directory that every program of the image looks for libraries in
     */
    private record Sides(TreePaths image, TreeFacts has, LibrarySearch ofImage, LibrarySearch ofHost, String home) {}

    private Sides sides(TreePaths image, TreeFacts has) throws IOException, BindException {
        LibrarySearch ofImage = new LibrarySearch(image, Processor.host(host), List.of());
        LibrarySearch ofHost = new LibrarySearch(host, Processor.host(host), List.of());
        return new Sides(image, has, ofImage, ofHost, home(has, ofImage));
    }

    /**
     * What comes with some libraries of the machine.
     *
     * @param seeds their paths by the name that programs ask for
     * @param demanded names of those without which the others are of no use
     * @param libraries the MPI that is among them
     * @param withGlibc whether the machine's C library may take the place of an older one
     */
    private HostLibraries brought(
            Sides sides,
            String label,
            Map<String, String> seeds,
            Set<String> demanded,
            List<MpiLibrary> libraries,
            boolean withGlibc)
            throws IOException, BindException {
        HostClosure closure = HostClosure.of(host, sides.ofHost(), facts.sets(), seeds, demanded);
        if (!closure.missing().isEmpty()) {
            throw new BindException(
                    label + " of this node lacks " + String.join(", ", closure.missing()) + " itself; " + HYBRID);
        }
        Choice.Chosen chosen = new Choice(host, sides.image(), sides.ofImage(), closure).choose(closure.seeds());
        Optional<String> tooOld = glibcObjection(sides.has(), chosen, closure);
        Map<String, String> glibc =
                tooOld.isPresent() && withGlibc ? GlibcFamily.instead(sides.ofHost(), sides.ofImage()) : Map.of();
        if (tooOld.isPresent() && glibc.isEmpty()) {
            throw new BindException(tooOld.get());
        }
        return new HostLibraries(
                label,
                paths(chosen.fromHost(), closure.beside()),
                places(sides.ofHost(), chosen, closure, libraries),
                shims(sides, new Eager(chosen.fromHost(), closure).of(closure.seeds())),
                chosen.kept(),
                new Calls(host, sides.image(), sides.has()).warning(label, chosen.fromHost()),
                glibc);
    }

    /** The directory that every program of the image looks for libraries in: that of its C library. */
    private static String home(TreeFacts has, LibrarySearch ofImage) throws IOException, BindException {
        if (has.libc().equals(Optional.of("musl"))) {
            throw new BindException("the image has musl, on which no library of the nodes runs; " + HYBRID
                    + ", or an image with glibc");
        }
        Optional<Library.Found> libc = ofImage.find("libc.so.6");
        if (libc.isEmpty()) {
            throw new BindException(
                    "the image has no C library of this processor where its loader looks, so nothing of the"
                            + " nodes can be brought in; " + HYBRID);
        }
        return TreePaths.parent(libc.get().real());
    }

    /** Libraries of the machine that programs of the image can use, one of a family. */
    private List<MpiLibrary> matching(TreeFacts has, Optional<String> pmi) throws BindException {
        List<MpiLibrary> all =
                facts.installations().stream().map(HostMpi::library).toList();
        List<MpiLibrary> same = all.stream()
                .filter(library -> family(library) != MpiFamily.UNKNOWN)
                .filter(library ->
                        has.mpi().isEmpty() || has.mpi().stream().anyMatch(own -> MpiNames.serves(library, own)))
                .toList();
        if (same.isEmpty()) {
            throw new BindException(
                    all.isEmpty()
                            ? "no MPI of this node is known; name its directory to 'dunnage mpi learn', or " + HYBRID
                            : "the image has " + names(has.mpi()) + ", the nodes have " + names(all)
                                    + ", and none can take the place of the other; " + HYBRID);
        }
        Map<MpiFamily, MpiLibrary> best = new LinkedHashMap<>();
        Set<String> objections = new LinkedHashSet<>();
        for (MpiLibrary library : same) {
            Optional<String> objection = pmi.isEmpty() ? Optional.empty() : objection(library, pmi);
            objection.ifPresent(objections::add);
            if (objection.isEmpty()) {
                best.putIfAbsent(family(library), library);
            }
        }
        if (best.isEmpty()) {
            throw new BindException(String.join("; ", objections));
        }
        return List.copyOf(best.values());
    }

    private static Optional<String> objection(MpiLibrary library, Optional<String> pmi) {
        return new Speech(List.of(Speech.Voice.of(library, true)))
                .objection(pmi)
                .map(text -> text.replace("the MPI of the image", "the MPI of the nodes"));
    }

    private static MpiFamily family(MpiLibrary library) {
        return library.family().abi();
    }

    private static String names(List<MpiLibrary> libraries) {
        return libraries.stream()
                .map(library -> library.label() + " (" + library.soname() + ")")
                .distinct()
                .collect(Collectors.joining(", "));
    }

    private static String label(List<MpiLibrary> libraries) {
        return libraries.stream().map(MpiLibrary::label).collect(Collectors.joining(", "));
    }

    /** Only what is really brought in counts: a library that the image has itself may need what it likes. */
    private static Optional<String> glibcObjection(TreeFacts has, Choice.Chosen chosen, HostClosure closure) {
        Optional<GlibcVersion> own = has.libcVersion().flatMap(GlibcVersion::parse);
        List<Library.Found> files = new ArrayList<>(chosen.fromHost().values());
        closure.components().forEach(component -> files.add(component.file()));
        for (Library.Found file : files) {
            Optional<GlibcVersion> needs = GlibcVersion.highest(file.elf().demanded());
            if (needs.isPresent() && own.isPresent() && needs.get().compareTo(own.get()) > 0) {
                return Optional.of(TreePaths.name(file.path()) + " of the nodes needs glibc " + needs.get()
                        + ", the image has " + own.get() + "; " + HYBRID + ", or an image of a newer distribution");
            }
        }
        return Optional.empty();
    }

    private static Map<String, String> paths(Map<String, Library.Found> libraries, Map<String, String> beside) {
        Map<String, String> paths = new TreeMap<>(beside);
        libraries.forEach((name, found) -> paths.put(name, found.real()));
        return paths;
    }

    private List<String> places(
            LibrarySearch ofHost, Choice.Chosen chosen, HostClosure closure, List<MpiLibrary> libraries)
            throws IOException {
        Set<String> places = new LinkedHashSet<>(closure.directories());
        for (MpiLibrary library : libraries) {
            places.addAll(MpiNames.data(host, library));
        }
        if (chosen.fromHost().containsKey("libibverbs.so.1")) {
            host.realDirectory("/etc/libibverbs.d").ifPresent(places::add);
        }
        Set<String> ordinary = new TreeSet<>();
        for (String directory : ofHost.defaultDirectories()) {
            host.realDirectory(directory).ifPresent(ordinary::add);
        }
        for (Library.Found found : chosen.fromHost().values()) {
            // a DT_RUNPATH may lead here as well
            String directory = TreePaths.parent(found.path());
            Optional<String> real = host.realDirectory(directory);
            if (real.isPresent() && !ordinary.contains(real.get()) && !isBeneath(found.path(), places)) {
                places.add(found.path());
            }
        }
        return List.copyOf(places);
    }

    private static boolean isBeneath(String path, Set<String> places) {
        return places.stream().anyMatch(place -> path.startsWith(place + "/"));
    }

    private static Map<String, List<String>> shims(Sides sides, Map<String, List<String>> seeds) throws IOException {
        List<MpiLibrary> own = sides.has().mpi();
        Set<String> directories = new TreeSet<>();
        own.forEach(library -> directories.add(TreePaths.parent(library.path())));
        Map<String, List<String>> shims = new TreeMap<>();
        for (Map.Entry<String, List<String>> seed : seeds.entrySet()) {
            List<String> loads = seed.getValue();
            for (String name : MpiNames.aliases(seed.getKey())) {
                if (!name.equals(seed.getKey()) && seeds.containsKey(name)) {
                    continue;
                }
                for (String directory : directories) {
                    sides.image().realFile(TreePaths.in(directory, name)).ifPresent(place -> shims.put(place, loads));
                }
                own.stream()
                        .filter(library -> library.soname().equals(name))
                        .forEach(library -> shims.put(library.path(), loads));
                Optional<Library.Found> found = sides.ofImage().find(name);
                shims.put(found.map(Library.Found::real).orElse(TreePaths.in(sides.home(), name)), loads);
            }
        }
        return shims;
    }
}
