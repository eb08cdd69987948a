package dev.dunnage.policy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Makes a policy of the files that hold it. */
final class PolicyAssembly {
    static final List<String> ECL_KEYS = List.of("activated", "groups");

    private final Sources sources;
    private final KeyGroupReader keyGroups = new KeyGroupReader();
    private final DeniedKeyReader denied = new DeniedKeyReader();

    private record Ecl(boolean activated, Node place, List<Group> groups) {}

    private PolicyAssembly(Sources sources) {
        this.sources = sources;
    }

    /** The policy as far as it could be read; it must not be used when any of the files has a finding. */
    static Optional<Policy> of(Sources sources) {
        return new PolicyAssembly(sources).policy();
    }

    private Optional<Policy> policy() {
        Source main = sources.sources().get(0);
        each("key-groups", keyGroups::read);
        each("deny-keys", denied::read);
        RuleReader rules = new RuleReader(keyGroups.groups());
        each("rules", rules::read);
        return main.root().flatMap(root -> policy(main, root, rules.rules()));
    }

    private interface Reader {
        void read(Node node, Findings findings);
    }

    private void each(String key, Reader reader) {
        for (Source source : sources.sources()) {
            source.root().flatMap(root -> root.node(key)).ifPresent(node -> reader.read(node, source.findings()));
        }
    }

    private Optional<Policy> policy(Source main, Section root, List<RuleEntry> rules) {
        boolean hasRules =
                root.node("rules").isPresent() || root.node("include").isPresent();
        if (hasRules && root.node("ecl").isEmpty()) {
            int line = root.node("rules").map(Node::line).orElse(root.line());
            LastResort refuse = new LastResort(main.file(), line, 1, false, LastResort.Hint.RULE);
            return Optional.of(policy(rules, List.of(), refuse));
        }
        return root.required("ecl", "add a mapping with 'activated' and 'groups', or rules")
                .flatMap(node -> Section.of(node, main.findings(), ECL_KEYS))
                .flatMap(section -> ecl(section, main.findings()))
                .map(ecl -> policy(
                        rules,
                        ecl.groups(),
                        new LastResort(
                                main.file(),
                                ecl.place().line(),
                                ecl.place().column(),
                                !ecl.activated(),
                                hasRules ? LastResort.Hint.RULE : LastResort.Hint.GROUP)));
    }

    private static Optional<Ecl> ecl(Section ecl, Findings findings) {
        Optional<Node> activated = ecl.required("activated", "write 'activated: true', or false to check nothing");
        List<Group> groups = ecl.node("groups")
                .flatMap(ecl::list)
                .map(items -> new GroupReader(findings).read(items))
                .orElse(List.of());
        return activated.flatMap(node -> ecl.flag(node).map(on -> new Ecl(on, node, groups)));
    }

    private Policy policy(List<RuleEntry> rules, List<Group> groups, LastResort lastResort) {
        List<Path> files = sources.files();
        List<RuleEntry> entries = new ArrayList<>(rules);
        if (!lastResort.allows()) {
            entries.addAll(entries(files.get(0), groups, SignatureForm.MODERN, false));
        }
        String count = count(groups.size(), "group");
        String contents = rules.isEmpty() && lastResort.hint() != LastResort.Hint.RULE
                ? count
                : count(rules.size(), "rule") + ", " + count;
        return new Policy(files, entries, denied.denied(), lastResort, contents);
    }

    static List<RuleEntry> entries(Path file, List<Group> groups, SignatureForm form, boolean direct) {
        return bySpecificity(groups).stream()
                .map(group -> group.entry(file, form, direct))
                .toList();
    }

    /** The most specific directory first, the group for all others last. */
    static List<Group> bySpecificity(List<Group> groups) {
        return groups.stream()
                .sorted((one, other) -> Integer.compare(other.depth(), one.depth()))
                .toList();
    }

    static String count(int number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }
}
