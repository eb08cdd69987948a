package dev.dunnage.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads what a rule wants: exactly one of {@code mode}, {@code require} and {@code deny}. */
final class RequirementReader {
    static final List<String> FORMS = List.of("mode", "require", "deny");
    static final List<String> REQUIRE_KEYS =
            List.of("signed-by-any-of", "signed-by-all-of", "signed-by-at-least", "not-signed-by");
    static final List<String> AT_LEAST_KEYS = List.of("count", "of");

    private final Findings findings;
    private final KeyListReader keys;

    RequirementReader(Findings findings, Map<String, List<ListedKey>> keyGroups) {
        this.findings = findings;
        this.keys = new KeyListReader(findings, keyGroups);
    }

    Optional<Requirement> read(Section rule) {
        List<String> given =
                FORMS.stream().filter(form -> rule.node(form).isPresent()).toList();
        SignatureForm form = form(rule);
        if (given.isEmpty()) {
            rule.missing("mode", "is missing: write mode, require or deny");
            return Optional.empty();
        }
        if (given.size() > 1) {
            rule.node(given.get(1))
                    .ifPresent(node -> findings.add(node, "stands beside '" + given.get(0) + "': keep one of the two"));
        }
        Optional<Requirement> requirement = switch (given.get(0)) {
            case "mode" -> rule.node("mode").flatMap(node -> mode(node, rule, form));
            case "require" -> rule.node("require").flatMap(node -> require(node, form));
            default -> rule.node("deny").flatMap(this::deny);
        };
        checkOthers(rule, given.get(0), requirement);
        return requirement;
    }

    private SignatureForm form(Section rule) {
        boolean legacy = rule.node("legacy-signatures").flatMap(rule::flag).orElse(false);
        return legacy ? SignatureForm.LEGACY : SignatureForm.MODERN;
    }

    private void checkOthers(Section rule, String form, Optional<Requirement> requirement) {
        if (!form.equals("mode")) {
            rule.node("keys")
                    .ifPresent(node -> findings.add(node, "belongs to 'mode': list the keys in 'require' instead"));
        }
        if (requirement.isPresent() && !(requirement.get() instanceof Requirement.Signed)) {
            rule.node("legacy-signatures")
                    .ifPresent(node -> findings.add(node, "means nothing here: the rule looks at no signature"));
        }
    }

    private Optional<Requirement> mode(Node node, Section rule, SignatureForm form) {
        Optional<Mode> mode = Mode.read(node, findings);
        if (mode.isEmpty()) {
            rule.node("keys").ifPresent(keys::read);
            return Optional.empty();
        }
        if (mode.get() == Mode.OPEN) {
            rule.node("keys").ifPresent(list -> findings.add(list, Mode.OPEN_WITH_KEYS));
            return Optional.of(Requirement.of(Mode.OPEN, List.of(), form));
        }
        return rule.required("keys", "list fingerprints of 40 hex digits or names of key groups")
                .map(list -> Requirement.of(mode.get(), keys.read(list), form));
    }

    private Optional<Requirement> deny(Node node) {
        return Section.text(node, findings)
                .map(text -> new Requirement.Never(text.text(), "use another image, or ask the site"));
    }

    private Optional<Requirement> require(Node node, SignatureForm form) {
        Optional<Section> section = Section.of(node, findings, REQUIRE_KEYS);
        if (section.isEmpty()) {
            return Optional.empty();
        }
        if (section.get().names().isEmpty()) {
            findings.add(node, "is empty: write one of " + String.join(", ", REQUIRE_KEYS));
        }
        List<Demand> demands = new ArrayList<>();
        Section keysOf = section.get();
        Stream.of(
                        keysOf.node("signed-by-any-of").map(list -> new Demand.AnyOf(keys.read(list))),
                        keysOf.node("signed-by-all-of").map(list -> new Demand.AllOf(keys.read(list))),
                        keysOf.node("signed-by-at-least").flatMap(this::atLeast),
                        keysOf.node("not-signed-by").map(list -> new Demand.NoneOf(keys.read(list))))
                .forEach(demand -> demand.ifPresent(demands::add));
        return Optional.of(new Requirement.Signed(demands, form));
    }

    private Optional<Demand> atLeast(Node node) {
        Optional<Section> section = Section.of(node, findings, AT_LEAST_KEYS);
        Optional<Node> number = section.flatMap(s -> s.required("count", "write how many keys must have signed"));
        Optional<Node> list = section.flatMap(s -> s.required("of", "list the keys to choose from"));
        List<ListedKey> listed = list.map(keys::read).orElse(List.of());
        Optional<Long> count = number.flatMap(n -> Numbers.whole(n, findings, 1, 1000));
        long most = ListedKey.fingerprints(listed).size();
        if (count.isPresent() && !listed.isEmpty() && count.get() > most) {
            number.ifPresent(n -> findings.add(n, "is more than the " + most + " keys of the list"));
        }
        return count.map(c -> new Demand.AtLeast(c.intValue(), listed));
    }
}
