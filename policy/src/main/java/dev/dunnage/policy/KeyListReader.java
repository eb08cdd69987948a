package dev.dunnage.policy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads lists of keys in rules and key groups. */
final class KeyListReader {
    static final List<String> KEYS = List.of("key", "from", "until");

    private final Findings findings;
    private final Map<String, List<ListedKey>> groups;

    /**
     * Makes the reader.
     *
     * @param groups what names in the list stand for; empty where no name is allowed
     */
    KeyListReader(Findings findings, Map<String, List<ListedKey>> groups) {
        this.findings = findings;
        this.groups = groups;
    }

    /** The keys that could be read; findings for the others and for an empty list. */
    List<ListedKey> read(Node node) {
        Optional<List<Node>> items = Section.list(node, findings);
        if (items.isEmpty()) {
            return List.of();
        }
        if (items.get().isEmpty()) {
            findings.add(node, "is empty: list at least one fingerprint of 40 hex digits");
        }
        List<ListedKey> keys = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (Node item : items.get()) {
            for (ListedKey key : item(item, seen)) {
                keys.add(key);
            }
        }
        return keys;
    }

    private List<ListedKey> item(Node item, Set<String> seen) {
        if (item instanceof Node.Mapping) {
            return Section.of(item, findings, KEYS)
                    .flatMap(section -> dated(section, seen))
                    .map(List::of)
                    .orElse(List.of());
        }
        Optional<String> text = Section.text(item, findings).map(Node.Scalar::text);
        return text.map(t -> named(item, t, seen)).orElse(List.of());
    }

    private Optional<ListedKey> dated(Section section, Set<String> seen) {
        Validity validity = DateReader.read(section, findings);
        return section.required("key", "write the fingerprint of 40 hex digits")
                .flatMap(node -> fingerprint(node, seen))
                .map(key -> new ListedKey(key, validity));
    }

    private Optional<String> fingerprint(Node node, Set<String> seen) {
        Optional<String> text = Section.text(node, findings).map(Node.Scalar::text);
        Optional<String> key = text.flatMap(Fingerprint::of);
        if (text.isPresent() && key.isEmpty()) {
            findings.add(node, Fingerprint.refusal(text.get()));
        }
        key.ifPresent(k -> once(node, k, seen));
        return key;
    }

    private List<ListedKey> named(Node item, String text, Set<String> seen) {
        if (groups.containsKey(text)) {
            once(item, text, seen);
            return groups.getOrDefault(text, List.of());
        }
        Optional<String> key = Fingerprint.of(text);
        if (key.isEmpty()) {
            findings.add(item, groups.isEmpty() ? Fingerprint.refusal(text) : neither(text));
            return List.of();
        }
        once(item, key.get(), seen);
        return ListedKey.always(List.of(key.get()));
    }

    private String neither(String text) {
        return "'" + text + "' is neither a fingerprint of 40 hex digits nor one of the key groups "
                + String.join(", ", groups.keySet().stream().sorted().toList());
    }

    private void once(Node node, String what, Set<String> seen) {
        if (!seen.add(what)) {
            findings.add(node, "key " + what + " is listed twice: was another one meant?");
        }
    }
}
