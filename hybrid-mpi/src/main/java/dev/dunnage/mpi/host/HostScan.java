package dev.dunnage.mpi.host;

import dev.dunnage.mpi.facts.MpiFamily;
import dev.dunnage.mpi.facts.MpiLibrary;
import dev.dunnage.mpi.facts.TreeFacts;
import dev.dunnage.mpi.facts.TreeScan;
import dev.dunnage.mpi.ld.LdConf;
import dev.dunnage.mpi.ld.LibrarySearch;
import dev.dunnage.mpi.ld.Processor;
import dev.dunnage.mpi.tree.TreePaths;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Looks for MPI on a machine. Runs nothing of it. */
public final class HostScan {
    private static final List<String> SLURM_PLUGINS = List.of(
            "/usr/lib/x86_64-linux-gnu/slurm-wlm",
            "/usr/lib/aarch64-linux-gnu/slurm-wlm",
            "/usr/lib/x86_64-linux-gnu/slurm",
            "/usr/lib/aarch64-linux-gnu/slurm",
            "/usr/lib64/slurm",
            "/usr/lib/slurm",
            "/usr/local/lib64/slurm",
            "/usr/local/lib/slurm",
            "/opt/slurm/lib64/slurm",
            "/opt/slurm/lib/slurm");
    private static final List<String> SLURM_CONF = List.of("/etc/slurm/slurm.conf", "/etc/slurm-llnl/slurm.conf");
    private static final Pattern PLUGIN_DIR = Pattern.compile("(?im)^\\s*PluginDir\\s*=\\s*(\\S+)");
    private static final Pattern MPI_PLUGIN = Pattern.compile("mpi_(pmix(?:_v[0-9]+)?|pmi2|cray_shasta)\\.so");
    private static final Pattern SLURM_PLUGIN = Pattern.compile("(?:mpi|auth|select|proctrack|task)_[a-z0-9_]+\\.so");
    private static final Pattern LAUNCHER =
            Pattern.compile("mpirun|mpiexec|(?:mpirun|mpiexec)\\.(?:openmpi|mpich|hydra)|orterun|prterun");
    private static final int MAX_CONF = 4 << 20;

    private final TreePaths host;
    private final ClosedSets closures;

    private HostScan(TreePaths host) throws IOException {
        this.host = host;
        this.closures = new ClosedSets(host, new LibrarySearch(host, Processor.host(host), List.of()));
    }

    /**
     * Looks through a machine.
     *
     * @param more directories that may have MPI besides the usual ones, such as {@code /opt/openmpi}
     */
    public static HostFacts of(TreePaths host, List<String> more) throws IOException {
        HostScan scan = new HostScan(host);
        List<String> directories = new ArrayList<>(LdConf.directories(host));
        directories.addAll(more);
        TreeFacts tree = TreeScan.host(host, directories);
        List<HostMpi> installations = new ArrayList<>();
        for (MpiLibrary library : tree.mpi()) {
            installations.add(scan.installation(library));
        }
        return new HostFacts(
                tree, installations, slurm(host), scan.closures.in(scan.libraryDirectories(tree, directories)));
    }

    private HostMpi installation(MpiLibrary library) throws IOException {
        return new HostMpi(
                library,
                launchers(library),
                closures.closure(List.of(library.path())).glibc());
    }

    /** Programs beside the library, of its family. */
    private List<String> launchers(MpiLibrary library) throws IOException {
        Set<String> places = new LinkedHashSet<>();
        for (String at = TreePaths.parent(library.path()); !at.equals("/"); at = TreePaths.parent(at)) {
            host.realDirectory(TreePaths.in(at, "bin")).ifPresent(places::add);
        }
        Set<String> launchers = new TreeSet<>();
        for (String place : places) {
            for (String name : host.names(place)) {
                Optional<String> real =
                        LAUNCHER.matcher(name).matches() ? host.realFile(TreePaths.in(place, name)) : Optional.empty();
                if (real.isPresent() && startsWith(library.family(), TreePaths.name(real.get()), places.size())) {
                    launchers.add(real.get());
                }
            }
        }
        return List.copyOf(launchers);
    }

    private static boolean startsWith(MpiFamily family, String name, int places) {
        boolean ofOpenMpi = name.matches("orterun|prterun|.*\\.openmpi");
        boolean ofMpich = name.matches(".*hydra|.*\\.mpich");
        return switch (family) {
            case OPEN_MPI -> ofOpenMpi || (!ofMpich && places == 1);
            case MPICH -> ofMpich || (!ofOpenMpi && places == 1);
            default -> false;
        };
    }

    /** What Slurm of a machine can give to ranks. */
    public static Optional<SlurmPmi> slurm(TreePaths host) throws IOException {
        for (String directory : slurmDirectories(host)) {
            List<String> types = new ArrayList<>();
            for (String name : host.names(directory)) {
                Matcher matcher = MPI_PLUGIN.matcher(name);
                if (matcher.matches()) {
                    types.add(matcher.group(1));
                }
            }
            if (!types.isEmpty()) {
                return Optional.of(new SlurmPmi(directory, types));
            }
        }
        return Optional.empty();
    }

    /** Where Slurm has its plug-ins; empty when the machine has no Slurm. */
    public static Optional<String> slurmPlugins(TreePaths host) throws IOException {
        for (String directory : slurmDirectories(host)) {
            if (host.names(directory).stream()
                    .anyMatch(name -> SLURM_PLUGIN.matcher(name).matches())) {
                return Optional.of(directory);
            }
        }
        return Optional.empty();
    }

    private static List<String> slurmDirectories(TreePaths host) throws IOException {
        List<String> directories = new ArrayList<>();
        for (String file : SLURM_CONF) {
            Optional<byte[]> content = host.content(file, MAX_CONF);
            Matcher named = PLUGIN_DIR.matcher(content.map(bytes -> new String(bytes, StandardCharsets.UTF_8))
                    .orElse(""));
            while (named.find()) {
                directories.addAll(List.of(named.group(1).split(":", -1)));
            }
        }
        directories.addAll(SLURM_PLUGINS);
        return directories.stream().filter(each -> each.startsWith("/")).toList();
    }

    private Set<String> libraryDirectories(TreeFacts tree, List<String> more) throws IOException {
        Set<String> directories = new LinkedHashSet<>();
        tree.mpi().forEach(library -> directories.add(TreePaths.parent(library.path())));
        List<String> usual = new ArrayList<>(
                List.of("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/local/lib"));
        usual.addAll(more);
        for (String each : usual) {
            host.realDirectory(each).ifPresent(directories::add);
        }
        for (String directory : List.copyOf(directories)) {
            // Debian's PMIx lies in a directory of its own, with a link where the loader looks
            for (String name : List.of("libpmix.so.2", "libucp.so.0", "libfabric.so.1", "libibverbs.so.1")) {
                host.realFile(TreePaths.in(directory, name)).ifPresent(file -> directories.add(TreePaths.parent(file)));
            }
        }
        return directories;
    }
}
