package dev.dunnage.policy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads {@code rules} of all files, in order. */
final class RuleReader {
    static final List<String> KEYS =
            List.of("name", "match", "from", "until", "mode", "keys", "require", "deny", "legacy-signatures", "grant");

    private final Map<String, List<ListedKey>> keyGroups;
    private final Map<String, String> names = new HashMap<>();
    private final List<RuleEntry> rules = new ArrayList<>();

    RuleReader(Map<String, List<ListedKey>> keyGroups) {
        this.keyGroups = keyGroups;
    }

    void read(Node list, Findings findings) {
        for (Node item : Section.list(list, findings).orElse(List.of())) {
            Section.of(item, findings, KEYS)
                    .flatMap(section -> rule(section, findings))
                    .ifPresent(rules::add);
        }
    }

    List<RuleEntry> rules() {
        return rules;
    }

    private Optional<RuleEntry> rule(Section section, Findings findings) {
        Optional<String> name =
                section.required("name", "give the rule a name of its own").flatMap(node -> name(node, findings));
        Optional<List<Condition>> conditions = section.node("match")
                .map(node -> new MatchReader(findings).read(node))
                .orElseGet(() -> Optional.of(List.of()));
        Validity validity = DateReader.read(section, findings);
        Optional<Requirement> requirement = new RequirementReader(findings, keyGroups).read(section);
        Grants defaults = requirement
                .filter(RuleReader::isStrict)
                .map(r -> Grants.strictDefaults())
                .orElseGet(Grants::defaults);
        Grants grants = section.node("grant")
                .map(node -> new GrantReader(findings).read(node, defaults))
                .orElse(defaults);
        requirement.ifPresent(r -> checkGrants(section, r, grants, findings));
        requirement
                .filter(r -> conditions.isPresent() && restsOnItsSource(r, conditions.get()))
                .flatMap(r -> section.node("match"))
                .ifPresent(node -> findings.add(
                        node,
                        "allows by the source alone, which is the word of the user who pulled the image: demand a"
                                + " signature, or give the path of a cache that the site fills"));
        if (name.isEmpty() || conditions.isEmpty() || requirement.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new RuleEntry(
                findings.file(),
                name.get(),
                section.line(),
                section.column(),
                conditions.get(),
                validity,
                requirement.get(),
                grants));
    }

    private Optional<String> name(Node node, Findings findings) {
        Optional<String> name = Section.text(node, findings).map(Node.Scalar::text);
        name.ifPresent(text -> {
            String earlier = names.putIfAbsent(text, findings.file() + ":" + node.line());
            if (earlier != null) {
                findings.add(node, "the rule of " + earlier + " has the name '" + text + "' already: rename one");
            }
        });
        return name;
    }

    /** Digests say what an image is, whoever it comes from. */
    private static boolean restsOnItsSource(Requirement requirement, List<Condition> conditions) {
        boolean anybodyMeetsIt = requirement instanceof Requirement.Open
                || (requirement instanceof Requirement.Signed signed
                        && signed.form() == SignatureForm.LEGACY
                        && signed.demands().stream().allMatch(Demand.NoneOf.class::isInstance));
        return anybodyMeetsIt
                && conditions.stream().anyMatch(SourceCondition.class::isInstance)
                && conditions.stream().noneMatch(DigestCondition.class::isInstance);
    }

    private static boolean isStrict(Requirement requirement) {
        return requirement instanceof Requirement.Signed signed
                && signed.demands().stream().anyMatch(Demand.AllOf.class::isInstance);
    }

    private static void checkGrants(Section section, Requirement requirement, Grants grants, Findings findings) {
        if (requirement instanceof Requirement.Never) {
            section.node("grant")
                    .ifPresent(node -> findings.add(node, "means nothing in a rule that denies: take it out"));
        }
        if (requirement instanceof Requirement.Open && grants.driver() == MountDriver.KERNEL) {
            section.node("grant")
                    .ifPresent(node -> findings.add(
                            node,
                            "wants the kernel to mount images whose signatures nobody demanded: choose driver auto or"
                                    + " fuse, or demand a signature"));
        }
    }
}
