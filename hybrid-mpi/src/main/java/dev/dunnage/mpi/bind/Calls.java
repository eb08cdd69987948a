package dev.dunnage.mpi.bind;

import dev.dunnage.mpi.facts.MpiLibrary;
import dev.dunnage.mpi.facts.Program;
import dev.dunnage.mpi.facts.ProgramScan;
import dev.dunnage.mpi.facts.TreeFacts;
import dev.dunnage.mpi.ld.Library;
import dev.dunnage.mpi.tree.TreePaths;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Whether programs of an image find in a machine's MPI every function that they call. */
final class Calls {
    private static final int SHOWN = 4;

    private final TreePaths host;
    private final TreePaths image;
    private final TreeFacts has;

    Calls(TreePaths host, TreePaths image, TreeFacts has) {
        this.host = host;
        this.image = image;
        this.has = has;
    }

    /**
     * What to tell of programs that lack something; empty when all that are known have everything.
     *
     * @param label what the libraries are called
     * @param brought files of the machine by their name
     * @throws BindException when no program that is known could use them
     */
    Optional<String> warning(String label, Map<String, Library.Found> brought) throws IOException, BindException {
        Set<String> names = new TreeSet<>();
        Set<String> offered = new TreeSet<>();
        for (Map.Entry<String, Library.Found> each : brought.entrySet()) {
            if (MpiNames.isMpi(each.getKey())) {
                names.addAll(MpiNames.aliases(each.getKey()));
                ProgramScan.offered(host, each.getValue().real()).ifPresent(offered::addAll);
            }
        }
        if (names.isEmpty()) {
            return Optional.empty();
        }
        List<Program> users = ProgramScan.in(image).stream()
                .filter(program -> program.libraries().stream().anyMatch(names::contains))
                .toList();
        Set<String> owned = owned();
        Map<String, Set<String>> lacking = new TreeMap<>();
        for (Program program : users) {
            Set<String> lacks = program.lacks(offered, owned);
            if (!lacks.isEmpty()) {
                lacking.put(program.path(), lacks);
            }
        }
        if (lacking.isEmpty()) {
            return Optional.empty();
        }
        String text = first(lacking.keySet()) + (lacking.size() == 1 ? " calls " : " call ")
                + first(lacking.values().stream().flatMap(Set::stream).collect(Collectors.toCollection(TreeSet::new)))
                + ", which " + label + " of the nodes lacks";
        if (lacking.size() == users.size()) {
            throw new BindException(text + "; use --container-mpi=hybrid");
        }
        return Optional.of(
                text + ": use --container-mpi=hybrid for " + (lacking.size() == 1 ? "this program" : "these programs"));
    }

    /** What the image's own MPI offers. */
    private Set<String> owned() throws IOException {
        Set<String> owned = new TreeSet<>();
        for (MpiLibrary library : has.mpi()) {
            ProgramScan.offered(image, library).ifPresent(owned::addAll);
        }
        return owned;
    }

    private static String first(Set<String> names) {
        List<String> shown = new ArrayList<>(names).subList(0, Math.min(SHOWN, names.size()));
        return String.join(", ", shown) + (names.size() > SHOWN ? " and " + (names.size() - SHOWN) + " more" : "");
    }
}
