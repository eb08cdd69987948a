package dev.dunnage.policy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Looks for everything that is wrong or doubtful with a policy: errors that the loaders refuse, and warnings. */
public final class PolicyLint {
    private final OwnershipRule rule;
    private final Instant at;

    /**
     * Makes the checker.
     *
     * @param rule who may own the files
     * @param at when the policy shall hold, usually now
     */
    public PolicyLint(OwnershipRule rule, Instant at) {
        this.rule = rule;
        this.at = at;
    }

    /**
     * Checks a {@code policy.yaml} and what it includes.
     *
     * @param ring fingerprints of the keys in the site's ring; empty: not compared
     * @return in the order of the files; empty when nothing is to be said
     */
    public List<Remark> policy(Path file, Optional<Set<String>> ring) {
        try {
            Sources sources = Sources.read(file, rule);
            Optional<Policy> policy = PolicyAssembly.of(sources);
            return remarks(sources.sources(), policy, ring, networks(file));
        } catch (SiteFileException e) {
            return unreadable(e);
        }
    }

    /** Checks an {@code ecl.toml}; the parameters are those of {@link #policy}. */
    public List<Remark> ecl(Path file, Optional<Set<String>> ring) {
        try {
            String text = SiteFile.read(file, rule);
            Findings findings = new Findings(file);
            Optional<Node> tree = TomlTree.parse(text, findings);
            Optional<Policy> policy =
                    tree.flatMap(node -> EclFile.read(node, findings)).map(ecl -> EclLoader.policy(file, ecl));
            return remarks(
                    List.of(new Source(file, text, findings, tree, Optional.empty())), policy, ring, Optional.empty());
        } catch (SiteFileException e) {
            return unreadable(e);
        }
    }

    /** Those of this machine lie beside its policy; a machine that has none at all may be no node. */
    private static Optional<Path> networks(Path file) {
        return Optional.of(file.resolveSibling("networks")).filter(Files::isDirectory);
    }

    private List<Remark> remarks(
            List<Source> sources, Optional<Policy> policy, Optional<Set<String>> ring, Optional<Path> networks) {
        Doubts doubts = new Doubts(sources);
        policy.ifPresent(known -> new RuleDoubts(doubts, at).check(known));
        Set<String> denied =
                policy.map(known -> known.denied().entries().keySet()).orElse(Set.of());
        new TextDoubts(doubts, ring, denied, networks, at).check(sources);
        List<Remark> remarks = new ArrayList<>();
        for (Source source : sources) {
            List<Remark> here = new ArrayList<>();
            source.findings().sorted().forEach(p -> here.add(remark(Severity.ERROR, p, source)));
            doubts.of(source.file()).forEach(p -> here.add(remark(Severity.WARNING, p, source)));
            here.sort(Comparator.<Remark>comparingInt(r -> r.problem().line())
                    .thenComparingInt(r -> r.problem().column()));
            remarks.addAll(here);
        }
        return remarks;
    }

    private static Remark remark(Severity severity, Problem problem, Source source) {
        String line = problem.line() == 0
                ? ""
                : source.text().lines().skip(problem.line() - 1L).findFirst().orElse("");
        return new Remark(severity, problem, line);
    }

    private static List<Remark> unreadable(SiteFileException cause) {
        return cause.problems().stream()
                .map(problem -> new Remark(Severity.ERROR, problem, ""))
                .toList();
    }
}
