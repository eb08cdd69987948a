package dev.dunnage.mpi.facts;

import dev.dunnage.mpi.elf.ElfException;
import dev.dunnage.mpi.elf.ElfFile;
import dev.dunnage.mpi.elf.ElfSymbol;
import dev.dunnage.mpi.tree.FileBytes;
import dev.dunnage.mpi.tree.TreePaths;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Looks for MPI in a tree. */
public final class TreeScan {
    private static final String MPI_NAMES = "lib(?:mpi|mpich|mpi_abi|mpi_[a-z]+|mpich_[a-z0-9_]+)\\.so\\.[0-9]+";
    private static final String FORTRAN_NAMES =
            "lib(?:mpifort|mpichfort|mpi_mpifh|mpi_usempif08|mpi_usempi_ignore_tkr|mpi_usempi)\\.so\\.[0-9]+";
    private static final Pattern NOT_C = Pattern.compile(".*(?:cxx|java|mpifh|usempi|fort|f08|f90).*");
    private static final Pattern OPEN_MPI_FILE = Pattern.compile("libmpi\\.so\\.40\\.([0-9]+)\\.([0-9]+)");
    private static final SearchedText MPICH_VERSION = SearchedText.of(
            List.of("\0003.", "\0004.", "\0005.", "\0006.", "\0007.", "\0008.", "\0009."),
            "\\x00([3-9]\\.[0-9]+(?:\\.[0-9]+)?(?:[ab]|rc)?[0-9]*)\\x00");
    private static final SearchedText PMI_FD = SearchedText.word("PMI_FD");
    private static final SearchedText PMI2 =
            SearchedText.of(List.of("PMI2_Init", "PMI_SUBVERSION"), "(PMI2_Init|PMI_SUBVERSION)");
    // where a client finds its server; MPICH knows other variables of PMIx without speaking it
    private static final SearchedText PMIX_CLIENT = SearchedText.word("PMIX_SERVER_URI");
    private static final List<SearchedText> OF_MPICH = Stream.concat(
                    Stream.of(PMI_FD, PMI2, PMIX_CLIENT, MPICH_VERSION), GpuAwareness.textsOfMpich().stream())
            .toList();
    private static final List<SearchedText> OF_OPEN_PAL = Stream.concat(
                    Stream.of(PMIX_CLIENT), GpuAwareness.textsOfOpenMpi().stream())
            .toList();
    private static final String OPEN_PAL = "libopen-pal\\.so\\.[0-9]+";
    private static final Pattern VERBS_PRIVATE = Pattern.compile("IBVERBS_PRIVATE_([0-9]{1,4})");
    private static final int MAX_LIBRARIES = 32;
    private static final SearchedText PMIX_VERSION =
            SearchedText.of(List.of("OpenPMIx "), "OpenPMIx ([0-9][0-9a-z.]{0,30})");
    // before release 4.2
    private static final SearchedText PMIX_VERSION_ALONE = SearchedText.of(
            List.of("\0002.", "\0003.", "\0004."), "\\x00([2-4]\\.[0-9]+\\.[0-9]+(?:[ab]|rc)?[0-9]*)\\x00");

    private static final Map<String, List<String>> COMPONENTS = Map.of(
            "psec", List.of("native", "munge", "none"),
            "gds", List.of("hash", "ds12", "ds21", "shmem", "shmem2"));

    private final TreePaths paths;
    private final FoundFiles found;
    private final Texts texts;

    private TreeScan(TreePaths paths, List<String> roots) throws IOException {
        this.paths = paths;
        this.found = FoundFiles.in(paths, roots);
        this.texts = new Texts(paths);
    }

    /** Looks through a whole image. */
    public static TreeFacts image(TreePaths paths) throws IOException {
        return new TreeScan(paths, List.of("/")).facts();
    }

    /** Looks through the usual directories of a host and others that may have MPI. */
    public static TreeFacts host(TreePaths paths, List<String> more) throws IOException {
        List<String> roots = new ArrayList<>(List.of("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/local/lib"));
        roots.addAll(more);
        return new TreeScan(paths, roots).facts();
    }

    private TreeFacts facts() throws IOException {
        List<MpiLibrary> mpi = new ArrayList<>();
        for (String file : found.files(MPI_NAMES)) {
            if (!NOT_C.matcher(TreePaths.name(file)).matches()) {
                if (mpi.size() < MAX_LIBRARIES) {
                    library(file).ifPresent(mpi::add);
                }
            }
        }
        boolean musl = !found.files("ld-musl-.*").isEmpty();
        Set<String> libc = found.files("libc\\.so\\.6");
        Map<SearchedText, String> pmix = pmix();
        return new TreeFacts(
                mpi,
                libc.isEmpty() ? musl ? Optional.of("musl") : Optional.empty() : Optional.of("glibc"),
                glibc(libc),
                Optional.ofNullable(pmix.get(PMIX_VERSION)).or(() -> Optional.ofNullable(pmix.get(PMIX_VERSION_ALONE))),
                components("psec", pmix),
                components("gds", pmix),
                fabrics(),
                found.groups("lib[a-z0-9_]+-rdmav([0-9]+)\\.so"),
                verbs(),
                gpus(),
                GpuAwareness.ofUcx(found),
                found.complete());
    }

    private Map<SearchedText, String> pmix() throws IOException {
        List<SearchedText> patterns = new ArrayList<>(List.of(PMIX_VERSION, PMIX_VERSION_ALONE));
        COMPONENTS.forEach((kind, names) -> names.forEach(name -> patterns.add(component(kind, name))));
        Optional<String> file = found.files("libpmix\\.so\\.[0-9]+").stream().findFirst();
        return file.isEmpty() ? Map.of() : texts.find(file.get(), patterns).orElse(Map.of());
    }

    /** Built in, or files of their own. */
    private List<String> components(String kind, Map<SearchedText, String> known) {
        List<String> files = found.groups("(?:pmix_)?mca_" + kind + "_([a-z0-9_]+)\\.so");
        return COMPONENTS.getOrDefault(kind, List.of()).stream()
                .filter(name -> files.contains(name) || known.containsValue("mca_" + kind + "_" + name + "_component"))
                .toList();
    }

    private static SearchedText component(String kind, String name) {
        return SearchedText.word("mca_" + kind + "_" + name + "_component");
    }

    private Map<String, String> fabrics() {
        Map<String, String> fabrics = new TreeMap<>();
        for (String name : List.of("libucp.so.0", "libfabric.so.1", "libibverbs.so.1", "librdmacm.so.1")) {
            found.files(Pattern.quote(name)).stream()
                    .findFirst()
                    .ifPresent(file -> fabrics.put(name, TreePaths.name(file)));
        }
        return fabrics;
    }

    /** The library offers its drivers symbols of a version that has the ABI's number. */
    private Optional<VerbsFacts> verbs() throws IOException {
        Optional<String> file = found.files("libibverbs\\.so\\.1").stream().findFirst();
        Optional<ElfFile> elf = file.isEmpty() ? Optional.empty() : elf(file.get());
        if (elf.isEmpty()) {
            return Optional.empty();
        }
        Optional<String> abi = elf.get().versions().stream()
                .map(VERBS_PRIVATE::matcher)
                .filter(Matcher::matches)
                .map(matcher -> matcher.group(1))
                .findFirst();
        return Optional.of(new VerbsFacts(
                abi,
                abi.map(number -> found.groups("lib([a-z0-9_]+)-rdmav" + number + "\\.so"))
                        .orElse(List.of())));
    }

    private List<String> gpus() {
        List<String> gpus = new ArrayList<>();
        if (!found.files("libcudart\\.so.*").isEmpty()) {
            gpus.add("cuda");
        }
        if (!found.files("libamdhip64\\.so.*").isEmpty()) {
            gpus.add("rocm");
        }
        return gpus;
    }

    /** The newest version of symbols that glibc offers. */
    private Optional<String> glibc(Set<String> files) throws IOException {
        Optional<GlibcVersion> best = Optional.empty();
        for (String file : files) {
            Optional<ElfFile> elf = elf(file);
            if (elf.isPresent()) {
                best = GlibcVersion.highest(elf.get().versions());
            }
        }
        return best.map(GlibcVersion::toString);
    }

    private Optional<ElfFile> elf(String file) throws IOException {
        try (FileBytes bytes = paths.tree().open(file)) {
            return Optional.of(ElfFile.read(bytes));
        } catch (ElfException e) {
            return Optional.empty();
        }
    }

    private Optional<MpiLibrary> library(String file) throws IOException {
        ElfFile elf;
        List<ElfSymbol> symbols;
        try (FileBytes bytes = paths.tree().open(file)) {
            elf = ElfFile.read(bytes);
            symbols = ElfFile.symbols(bytes, name -> name.equals("MPI_Init") || name.equals("ompi_mpi_comm_world"));
        } catch (ElfException e) {
            return Optional.empty();
        }
        Set<String> exported = new TreeSet<>();
        symbols.stream().filter(ElfSymbol::defined).map(ElfSymbol::name).forEach(exported::add);
        if (!exported.contains("MPI_Init")) {
            return Optional.empty();
        }
        String soname = elf.soname().orElse(TreePaths.name(file));
        MpiFamily family = family(elf, soname, TreePaths.name(file), exported);
        boolean open = family == MpiFamily.OPEN_MPI;
        Optional<Map<SearchedText, String>> text = texts.find(file, OF_MPICH);
        Set<SearchedText> pal = open ? textsOfPal() : Set.of();
        Set<String> protocols = open ? openMpiProtocols(file, pal) : mpichProtocols(elf, text.orElse(Map.of()));
        boolean certain = text.isPresent() && (open || family == MpiFamily.MPICH);
        return Optional.of(new MpiLibrary(
                file,
                soname,
                family,
                version(family, file, text.orElse(Map.of())),
                protocols,
                certain,
                fortran(family, TreePaths.parent(file)),
                GlibcVersion.highest(elf.demanded()).map(GlibcVersion::toString),
                GpuAwareness.ofLibrary(
                        family, elf, found, open ? pal : text.orElse(Map.of()).keySet())));
    }

    private Set<SearchedText> textsOfPal() throws IOException {
        Set<SearchedText> known = new HashSet<>();
        for (String pal : found.files(OPEN_PAL)) {
            texts.find(pal, OF_OPEN_PAL).ifPresent(text -> known.addAll(text.keySet()));
        }
        return known;
    }

    private static MpiFamily family(ElfFile elf, String soname, String file, Set<String> exported) {
        if (soname.startsWith("libmpi_abi.so")) {
            return MpiFamily.STANDARD;
        } else if (exported.contains("ompi_mpi_comm_world") || needs(elf, "libopen_mpi.so")) {
            // version 6 keeps what both of its interfaces share in a library of its own
            return MpiFamily.OPEN_MPI;
        } else if (soname.contains("cray") || soname.startsWith("libmpich_") || file.contains("cray")) {
            return MpiFamily.CRAY;
        }
        return soname.matches("lib(?:mpi|mpich)\\.so\\.12") ? MpiFamily.MPICH : MpiFamily.UNKNOWN;
    }

    private static Optional<String> version(MpiFamily family, String file, Map<SearchedText, String> text) {
        if (family == MpiFamily.MPICH) {
            return Optional.ofNullable(text.get(MPICH_VERSION));
        }
        var matcher = OPEN_MPI_FILE.matcher(TreePaths.name(file));
        if (family != MpiFamily.OPEN_MPI || !matcher.matches()) {
            return Optional.empty();
        }
        String patch = "." + matcher.group(2);
        return switch (matcher.group(1)) {
            case "20" -> Optional.of("4.0" + patch);
            case "30" -> Optional.of("4.1" + patch);
            case "40" -> Optional.of("5.0" + patch);
            case "50" -> Optional.of("6.0" + patch);
            default -> Optional.empty();
        };
    }

    private List<String> fortran(MpiFamily family, String directory) {
        boolean ofOpenMpi = family == MpiFamily.OPEN_MPI;
        return found.files(FORTRAN_NAMES).stream()
                .filter(file -> file.matches(".*/libmpi_[^/]*") == ofOpenMpi)
                .filter(file -> TreePaths.parent(file).equals(directory))
                .map(TreePaths::name)
                .toList();
    }

    /** Version 4 speaks through components, version 5 with PMIx alone; both may have it built in. */
    private Set<String> openMpiProtocols(String file, Set<SearchedText> ofPal) throws IOException {
        Set<String> protocols = new TreeSet<>();
        for (String component : found.groups("mca_pmix_([a-z0-9_]+)\\.so")) {
            if (component.matches("ext[0-9]x|pmix[0-9]x|ext[0-9]|pmix[0-9]+")) {
                protocols.add("pmix");
            } else if (component.equals("s1")) {
                protocols.add("pmi1");
            } else if (component.equals("s2")) {
                protocols.add("pmi2");
            }
        }
        if (ofPal.contains(PMIX_CLIENT)) {
            protocols.add("pmix");
        }
        for (String pal : found.files(OPEN_PAL)) {
            if (elf(pal).filter(elf -> needs(elf, "libpmix.so")).isPresent()) {
                protocols.add("pmix");
            }
        }
        if (elf(file).filter(elf -> needs(elf, "libpmix.so")).isPresent()) {
            protocols.add("pmix");
        }
        return protocols;
    }

    private static Set<String> mpichProtocols(ElfFile elf, Map<SearchedText, String> text) {
        Set<String> protocols = new TreeSet<>();
        if (text.containsKey(PMI_FD) || needs(elf, "libpmi.so")) {
            protocols.add("pmi1");
        }
        if (text.containsKey(PMI2) || needs(elf, "libpmi2.so")) {
            protocols.add("pmi2");
        }
        if (text.containsKey(PMIX_CLIENT) || needs(elf, "libpmix.so")) {
            protocols.add("pmix");
        }
        return protocols;
    }

    private static boolean needs(ElfFile elf, String library) {
        return elf.needed().stream().anyMatch(name -> name.startsWith(library));
    }
}
