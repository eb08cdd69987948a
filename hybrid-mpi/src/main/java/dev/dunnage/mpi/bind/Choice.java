package dev.dunnage.mpi.bind;

import dev.dunnage.mpi.elf.ElfException;
import dev.dunnage.mpi.elf.ElfFile;
import dev.dunnage.mpi.elf.ElfSymbol;
import dev.dunnage.mpi.elf.VersionNeed;
import dev.dunnage.mpi.ld.Library;
import dev.dunnage.mpi.ld.LibrarySearch;
import dev.dunnage.mpi.tree.FileBytes;
import dev.dunnage.mpi.tree.TreePaths;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Chooses for each library between the image's copy and the machine's. The image's is taken when it has all that the
 * machine's files need of it, since programs of the image may load it as well; libraries whose inner interface others of
 * the machine use come from the machine.
 */
final class Choice {
    private static final Pattern CLOSED = Pattern.compile(
            "lib(?:mpi|mpich|open-|oshmem|mca_|mpl|opa|pmix|prrte|uc[pstmx]|fabric|ibverbs|rdmacm|mlx|efa|psm|opx|cxi|hcoll|sharp)"
                    + ".*");

    private final TreePaths host;
    private final TreePaths image;
    private final LibrarySearch ofImage;
    private final HostClosure closure;
    private final Map<String, Set<String>> hostOffers = new HashMap<>();
    private final Map<String, Set<String>> hostNeeds = new HashMap<>();
    private final Map<String, Set<String>> imageOffers = new HashMap<>();

    Choice(TreePaths host, TreePaths image, LibrarySearch ofImage, HostClosure closure) {
        this.host = host;
        this.image = image;
        this.ofImage = ofImage;
        this.closure = closure;
    }

    /** What comes from the machine, by name; of the others only those that something from the machine needs. */
    record Chosen(Map<String, Library.Found> fromHost, List<String> kept) {}

    Chosen choose(Set<String> seeds) throws IOException {
        Set<String> fits = new TreeSet<>();
        for (Map.Entry<String, Library.Found> each : closure.libraries().entrySet()) {
            String name = each.getKey();
            if (!seeds.contains(name) && !CLOSED.matcher(name).matches() && imageFits(name, each.getValue())) {
                fits.add(name);
            }
        }
        Map<String, Library.Found> taken = new LinkedHashMap<>();
        Set<String> kept = new TreeSet<>();
        Deque<String> next = new ArrayDeque<>(seeds);
        closure.components()
                .forEach(component -> next.addAll(component.file().elf().needed()));
        Set<String> seen = new HashSet<>();
        while (!next.isEmpty()) {
            String name = next.removeFirst();
            Library.Found found = closure.libraries().get(name);
            if (!seen.add(name) || found == null) {
                continue;
            }
            if (fits.contains(name)) {
                kept.add(name);
            } else {
                taken.put(name, found);
                next.addAll(found.elf().needed());
            }
        }
        return new Chosen(taken, List.copyOf(kept));
    }

    private boolean imageFits(String name, Library.Found hosts) throws IOException {
        Optional<Library.Found> own = ofImage.find(name);
        if (own.isEmpty()) {
            return false;
        }
        List<Library.Found> users = users(name);
        Set<String> versions = Set.copyOf(own.get().elf().versions());
        for (Library.Found user : users) {
            for (VersionNeed need : user.elf().versionNeeds()) {
                if (need.library().equals(name) && !need.weak() && !versions.contains(need.version())) {
                    return false;
                }
            }
        }
        Set<String> offered = symbols(host, hosts.real(), true);
        Set<String> owned = symbols(image, own.get().real(), true);
        for (Library.Found user : users) {
            for (String needed : symbols(host, user.real(), false)) {
                if (offered.contains(needed) && !owned.contains(needed)) {
                    return false;
                }
            }
        }
        return true;
    }

    private List<Library.Found> users(String name) {
        List<Library.Found> all = new ArrayList<>(closure.libraries().values());
        closure.components().forEach(component -> all.add(component.file()));
        return all.stream().filter(file -> file.elf().needed().contains(name)).toList();
    }

    /** What a file offers, or what it cannot do without. */
    private Set<String> symbols(TreePaths tree, String real, boolean offered) throws IOException {
        Map<String, Set<String>> known = tree == host ? (offered ? hostOffers : hostNeeds) : imageOffers;
        Set<String> names = known.get(real);
        if (names == null) {
            try (FileBytes bytes = tree.tree().open(real)) {
                names = ElfFile.symbols(bytes).stream()
                        .filter(symbol -> offered ? symbol.defined() : !symbol.defined() && !symbol.weak())
                        .map(ElfSymbol::name)
                        .collect(Collectors.toSet());
            } catch (ElfException e) {
                names = Set.of();
            }
            known.put(real, names);
        }
        return names;
    }
}
