package dev.dunnage.mpi.explain;

import dev.dunnage.mpi.PmiKind;
import dev.dunnage.mpi.facts.GlibcVersion;
import dev.dunnage.mpi.facts.MpiFamily;
import dev.dunnage.mpi.facts.MpiLibrary;
import dev.dunnage.mpi.facts.Program;
import dev.dunnage.mpi.facts.Speech;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Whether a library of the nodes could stand in for the image's. */
final class BindRules {
    private static final int SHOWN = 4;

    private final ImageSide image;
    private final HostSide host;

    BindRules(ImageSide image, HostSide host) {
        this.image = image;
        this.host = host;
    }

    List<Rule> rules(PmiKind kind) {
        if (image.facts().mpi().isEmpty()) {
            return List.of(
                    host.libraries().isEmpty()
                            ? Rule.fails("MPI", "no MPI of the nodes is known")
                            : Rule.open(
                                    "MPI",
                                    "the image has none, so that programs which ask for one would get the nodes' "
                                            + ofNodes()));
        }
        if (host.libraries().isEmpty()) {
            return List.of(Rule.fails("MPI", "no MPI of the nodes is known"));
        }
        List<Rule> best = List.of();
        for (MpiLibrary library : image.facts().mpi()) {
            for (HostSide.HostLibrary other : host.libraries()) {
                if (library.family().abi() == other.family().abi()) {
                    List<Rule> rules = pair(library, other, kind);
                    if (rules.stream().noneMatch(rule -> rule.outcome() == Rule.Outcome.FAILS)) {
                        return rules;
                    }
                    best = rules;
                }
            }
        }
        if (best.isEmpty()) {
            return List.of(Rule.fails(
                    "ABI",
                    "the image has "
                            + labels(image.facts().mpi().stream().map(MpiLibrary::label))
                            + ", the nodes have "
                            + ofNodes()
                            + ": none of one family"));
        }
        return best;
    }

    private String ofNodes() {
        return labels(host.libraries().stream().map(HostSide.HostLibrary::label));
    }

    private static String labels(Stream<String> labels) {
        return labels.distinct().sorted().collect(Collectors.joining(", "));
    }

    private List<Rule> pair(MpiLibrary library, HostSide.HostLibrary other, PmiKind kind) {
        List<Rule> rules = new ArrayList<>();
        if (library.family() == MpiFamily.UNKNOWN) {
            rules.add(Rule.fails("ABI", "the family of " + library.path() + " is not known"));
            return rules;
        }
        if (!other.family().standsFor(other.version(), library.family(), library.version())) {
            rules.add(Rule.fails(
                    "ABI",
                    "programs for " + library.label() + " of the image ask for a library that " + other.label()
                            + " of the nodes does not have"));
            return rules;
        }
        rules.add(Rule.holds(
                "ABI", library.label() + " of the image and " + other.label() + " of the nodes are of one family"));
        rules.add(symbols(library, other));
        rules.add(glibc(other));
        pmi(other, kind).ifPresent(rules::add);
        return rules;
    }

    private static Optional<Rule> pmi(HostSide.HostLibrary other, PmiKind kind) {
        if (kind == PmiKind.NONE) {
            return Optional.of(Rule.fails("PMI", "without a PMI the library of the nodes finds no ranks either"));
        }
        if (kind == PmiKind.UNKNOWN || other.voice().isEmpty()) {
            return Optional.of(Rule.open("PMI", "what " + other.label() + " of the nodes speaks is not known here"));
        }
        String type = kind == PmiKind.PMIX ? "pmix" : "pmi2";
        boolean bars = new Speech(List.of(other.voice().get()))
                .objection(Optional.of(type))
                .isPresent();
        return Optional.of(
                bars
                        ? Rule.fails(
                                "PMI", other.label() + " of the nodes does not speak what --mpi=" + type + " offers")
                        : Rule.holds("PMI", other.label() + " of the nodes speaks what --mpi=" + type + " offers"));
    }

    private Rule symbols(MpiLibrary library, HostSide.HostLibrary other) {
        if (other.functions().isEmpty()) {
            return Rule.open("symbols", other.path() + " is not on this machine: its functions cannot be compared");
        }
        Set<String> offered = other.functions().get();
        List<Program> users = image.programs().stream()
                .filter(program -> program.libraries().contains(library.soname())
                        || library.fortran().stream().anyMatch(program.libraries()::contains))
                .toList();
        if (users.isEmpty()) {
            Set<String> all = image.offered().getOrDefault(library.path(), Set.of());
            Set<String> lacking = minus(all, offered);
            return Rule.open(
                    "symbols",
                    "no program of the image that needs " + library.soname()
                            + " was found (name one by --program); of the "
                            + all.size() + " functions of the image's library the nodes' lacks " + lacking.size()
                            + shown(lacking));
        }
        Set<String> own = image.offered().values().stream().flatMap(Set::stream).collect(Collectors.toSet());
        List<Program> bad = users.stream()
                .filter(program -> !program.lacks(offered, own).isEmpty())
                .toList();
        if (!bad.isEmpty()) {
            Program first = bad.get(0);
            Set<String> names = first.lacks(offered, own);
            String text =
                    first.path() + " calls " + first.functions().size() + " functions of MPI, of which the nodes' "
                            + other.label() + " lacks " + names.size() + shown(names);
            return bad.size() == users.size()
                    ? Rule.fails("symbols", text)
                    : Rule.open(
                            "symbols",
                            text + "; " + (users.size() - bad.size()) + " of " + users.size()
                                    + " programs find all that they call");
        }
        Set<String> needed = users.stream()
                .flatMap(program -> program.functions().stream())
                .collect(Collectors.toCollection(TreeSet::new));
        return Rule.holds(
                "symbols",
                users.size() + (users.size() == 1 ? " program calls " : " programs call ") + needed.size()
                        + " functions of MPI, and the nodes' " + other.label() + " has them all");
    }

    private static Set<String> minus(Set<String> all, Set<String> less) {
        Set<String> left = new TreeSet<>(all);
        left.removeAll(less);
        return left;
    }

    private static String shown(Set<String> names) {
        return names.isEmpty()
                ? ""
                : names.stream()
                        .limit(SHOWN)
                        .collect(Collectors.joining(", ", " (", names.size() > SHOWN ? ", ...)" : ")"));
    }

    private Rule glibc(HostSide.HostLibrary other) {
        Rule rule = glibc(other.label() + " of the nodes", other.glibc());
        return rule.outcome() == Rule.Outcome.FAILS && !hasMusl()
                ? Rule.open(
                        rule.name(),
                        rule.text() + ": the nodes' glibc may have to take its place for all programs of the image")
                : rule;
    }

    private boolean hasMusl() {
        return image.facts().libc().equals(Optional.of("musl"));
    }

    Rule glibc(String what, Optional<GlibcVersion> needs) {
        if (hasMusl()) {
            return Rule.fails("glibc", "the image has musl, on which nothing of the nodes runs");
        }
        Optional<GlibcVersion> has = image.facts().libcVersion().flatMap(GlibcVersion::parse);
        if (needs.isEmpty() || has.isEmpty()) {
            return Rule.open("glibc", "what " + what + " needs, or what the image has, is not known");
        }
        String numbers = what + " needs " + needs.get() + ", the image has " + has.get();
        return needs.get().compareTo(has.get()) <= 0 ? Rule.holds("glibc", numbers) : Rule.fails("glibc", numbers);
    }
}
