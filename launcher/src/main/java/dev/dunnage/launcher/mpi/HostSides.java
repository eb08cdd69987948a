package dev.dunnage.launcher.mpi;

import dev.dunnage.mpi.explain.HostSide;
import dev.dunnage.mpi.facts.GlibcVersion;
import dev.dunnage.mpi.facts.MpiFamily;
import dev.dunnage.mpi.facts.MpiLibrary;
import dev.dunnage.mpi.facts.ProgramScan;
import dev.dunnage.mpi.facts.Speech;
import dev.dunnage.mpi.facts.TreeScan;
import dev.dunnage.mpi.tree.TreePaths;
import dev.dunnage.policy.MpiProfile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The nodes' side of an explanation, from what the site wrote down or what this machine has. */
public final class HostSides {
    private HostSides() {}

    /** Reads the functions of those libraries that are on this machine as well. */
    public static HostSide of(MpiProfile profile, TreePaths machine) throws IOException {
        List<MpiLibrary> here = TreeScan.host(
                        machine,
                        profile.installations().stream()
                                .map(each -> TreePaths.parent(each.library().toString()))
                                .distinct()
                                .toList())
                .mpi();
        List<HostSide.HostLibrary> libraries = new ArrayList<>();
        for (MpiProfile.Installation each : profile.installations()) {
            MpiFamily family = Arrays.stream(MpiFamily.values())
                    .filter(one -> HostProfile.word(one).equals(each.family()))
                    .findFirst()
                    .orElse(MpiFamily.UNKNOWN);
            Optional<MpiLibrary> known = here.stream()
                    .filter(library -> library.path().equals(each.library().toString()))
                    .findFirst();
            libraries.add(new HostSide.HostLibrary(
                    family,
                    each.version(),
                    each.library().toString(),
                    each.glibc().flatMap(GlibcVersion::parse),
                    known.isPresent() ? ProgramScan.offered(machine, known.get()) : Optional.empty(),
                    known.map(library -> Speech.Voice.of(library, true))));
        }
        Map<String, Optional<GlibcVersion>> fabrics = new HashMap<>();
        profile.sets().forEach(set -> fabrics.put(set.name(), set.glibc().flatMap(GlibcVersion::parse)));
        Set<String> names = profile.sets().stream()
                .flatMap(set -> set.libraries().stream())
                .map(library -> TreePaths.name(library.toString()))
                .collect(Collectors.toSet());
        return new HostSide(profile.slurm(), profile.pmix(), libraries, fabrics, names);
    }
}
