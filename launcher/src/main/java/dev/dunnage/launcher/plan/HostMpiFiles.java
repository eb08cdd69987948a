package dev.dunnage.launcher.plan;

import dev.dunnage.launcher.mpi.ImageTree;
import dev.dunnage.launcher.store.RecentlyUsed;
import dev.dunnage.launcher.store.StoreException;
import dev.dunnage.launcher.wire.Bind;
import dev.dunnage.launcher.wire.Code;
import dev.dunnage.launcher.wire.HostFiles;
import dev.dunnage.launcher.wire.LaunchRequest;
import dev.dunnage.mpi.bind.BindException;
import dev.dunnage.mpi.bind.Binder;
import dev.dunnage.mpi.bind.HostLibraries;
import dev.dunnage.mpi.explain.NetworkLibraries;
import dev.dunnage.mpi.facts.TreeFacts;
import dev.dunnage.mpi.facts.TreeScan;
import dev.dunnage.mpi.host.HostFacts;
import dev.dunnage.mpi.host.HostScan;
import dev.dunnage.mpi.tree.HostTree;
import dev.dunnage.mpi.tree.TreePaths;
import dev.dunnage.policy.MpiProfile;
import dev.dunnage.policy.SiteConfig;
import dev.dunnage.sif.SifFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What a container shows of this machine's MPI. The machine is looked at, or what the site wrote down of it; no user is asked. What
 * was found is kept for a moment, as long as the loader's cache of the machine is the same. Thread-safe.
 */
final class HostMpiFiles {
    private static final Path CACHE = Path.of("/etc/ld.so.cache");
    private static final Duration KEPT = Duration.ofMinutes(2);
    private static final int IMAGES = 256;

    private final TreePaths machine = new TreePaths(new HostTree(Path.of("/")));
    private final RecentlyUsed<String, Kept<HostFacts>> facts = new RecentlyUsed<>(1);
    private final RecentlyUsed<String, Kept<Found>> files = new RecentlyUsed<>(IMAGES);
    private final Clock clock;

    private record Kept<T>(T value, Instant since) {}

    /**
     * What is shown.
     *
     * @param network libraries of networks that MPI programs of the image find with it
     * @param notice what the user should know of it
     */
    record Found(HostFiles files, NetworkLibraries network, Optional<String> notice) {}

    HostMpiFiles(Clock clock) {
        this.clock = clock;
    }

    /**
     * The files for one image.
     *
     * @param fabric only the network libraries
     */
    Found of(LaunchRequest request, SiteConfig config, ImageInHand image, boolean fabric)
            throws RefusedException, IOException, StoreException {
        Optional<String> pmi = request.stepTasks() > 1 ? request.mpiType() : Optional.empty();
        String stamp = stamp(config);
        Optional<String> key =
                image.remembered().map(place -> place.content() + "\n" + fabric + "\n" + pmi + "\n" + stamp);
        Optional<Found> known = key.flatMap(files::get).filter(this::isFresh).map(Kept::value);
        if (known.isPresent()) {
            return known.get();
        }
        String place = "--container-mpi=" + request.mpi().orElse(fabric ? "fabric" : "bind") + ", image "
                + image.shownName() + ": ";
        try {
            Found found = look(config, stamp, image, pmi, fabric, place);
            key.ifPresent(name -> files.put(name, new Kept<>(found, clock.instant())));
            return found;
        } catch (BindException e) {
            throw new RefusedException(Code.REQUEST, place + e.getMessage(), e);
        } catch (SifFormatException e) {
            throw new RefusedException(Code.IMAGE_BAD, "image " + image.shownName() + ": " + e.getMessage(), e);
        }
    }

    private Found look(
            SiteConfig config, String stamp, ImageInHand image, Optional<String> pmi, boolean fabric, String place)
            throws RefusedException, IOException, BindException, SifFormatException {
        Optional<ImageTree> tree =
                ImageTree.open(image.bytes(), image.structure().root());
        if (tree.isEmpty()) {
            throw new RefusedException(
                    Code.REQUEST,
                    place + "its root file system cannot be looked into, so nobody knows what fits it; use"
                            + " --container-mpi=hybrid");
        }
        TreePaths paths = new TreePaths(tree.get());
        Binder binder = new Binder(machine, facts(config.mpi(), stamp));
        TreeFacts has = TreeScan.image(paths);
        HostLibraries host = fabric ? binder.fabric(paths, has) : binder.mpi(paths, has, pmi);
        return new Found(
                files(host), fabric ? NetworkLibraries.ofImage(Optional.of(has)) : network(host), notice(host, has));
    }

    private static Optional<String> notice(HostLibraries host, TreeFacts has) {
        List<String> told = new ArrayList<>();
        if (!host.glibc().isEmpty()) {
            told.add(
                    "the image's glibc " + has.libcVersion().orElse("") + " is too old for " + host.label()
                            + " of the nodes, whose glibc takes its place for all programs (--container-mpi=hybrid leaves the image as it is)");
        }
        host.warning().ifPresent(told::add);
        return told.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", told));
    }

    private boolean isFresh(Kept<?> kept) {
        return kept.since().plus(KEPT).isAfter(clock.instant());
    }

    private static String stamp(SiteConfig config) throws IOException {
        String cache = Files.exists(CACHE) ? Files.getLastModifiedTime(CACHE) + " " + Files.size(CACHE) : "none";
        return cache + " " + config.mpi().map(MpiProfile::installations);
    }

    /** What the site names, and nothing else when it names something. */
    private HostFacts facts(Optional<MpiProfile> profile, String stamp) throws IOException {
        Optional<HostFacts> known = facts.get(stamp).filter(this::isFresh).map(Kept::value);
        if (known.isPresent()) {
            return known.get();
        }
        Set<String> named = profile.map(MpiProfile::installations).orElse(List.of()).stream()
                .map(mpi -> mpi.library().toString())
                .collect(Collectors.toCollection(TreeSet::new));
        HostFacts found = HostScan.of(
                machine, named.stream().map(TreePaths::parent).distinct().toList());
        HostFacts used = new HostFacts(
                found.tree(),
                found.installations().stream()
                        .filter(mpi ->
                                named.isEmpty() || named.contains(mpi.library().path()))
                        .toList(),
                found.slurm(),
                found.sets());
        facts.put(stamp, new Kept<>(used, clock.instant()));
        return used;
    }

    /** Its own, and those of the image that it uses. */
    private static NetworkLibraries network(HostLibraries host) {
        Set<String> names = new TreeSet<>(host.libraries().keySet());
        names.addAll(host.kept());
        return NetworkLibraries.ofNodes(names);
    }

    private static HostFiles files(HostLibraries host) {
        List<Bind> files = new ArrayList<>();
        host.libraries().forEach((name, path) -> files.add(HostFiles.file(path, inside(name))));
        host.places().forEach(path -> files.add(HostFiles.file(path, path)));
        host.glibc().forEach((place, path) -> files.add(HostFiles.file(path, place)));
        List<Bind> shims = new ArrayList<>();
        host.shims().forEach((place, loads) -> loads.forEach(name -> shims.add(HostFiles.shim(place, inside(name)))));
        return new HostFiles(files, shims);
    }

    private static String inside(String name) {
        return HostFiles.LIBRARIES + "/" + name;
    }
}
