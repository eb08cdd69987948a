package dev.dunnage.policy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A mapping whose keys are known. Each getter returns the value or adds a finding; a missing optional key gives an empty
 * result without one.
 */
final class Section {
    private final Findings findings;
    private final Node place;
    private final Map<String, Node.Entry> entries;

    private Section(Findings findings, Node place, Map<String, Node.Entry> entries) {
        this.findings = findings;
        this.place = place;
        this.entries = entries;
    }

    /** The node as a mapping that may hold these keys only; empty, with a finding, when it is no mapping. */
    static Optional<Section> of(Node node, Findings findings, List<String> allowed) {
        if (!(node instanceof Node.Mapping mapping)) {
            findings.add(
                    node, "must be a mapping with the keys " + String.join(", ", allowed) + ", not " + node.kind());
            return Optional.empty();
        }
        mapping.entries().forEach((name, entry) -> {
            if (!allowed.contains(name)) {
                String key = entry.value().path();
                findings.add(
                        entry.line(),
                        entry.column(),
                        key,
                        "unknown key '" + name + "' (allowed: " + String.join(", ", allowed) + ")");
            }
        });
        return Optional.of(new Section(findings, node, mapping.entries()));
    }

    int line() {
        return place.line();
    }

    int column() {
        return place.column();
    }

    /** The names of the keys, in the order of the file. */
    List<String> names() {
        return List.copyOf(entries.keySet());
    }

    Optional<Node> node(String key) {
        return Optional.ofNullable(entries.get(key)).map(Node.Entry::value);
    }

    /** Like {@link #node}, with a finding at the section's place when the key is missing. */
    Optional<Node> required(String key, String remedy) {
        Optional<Node> node = node(key);
        if (node.isEmpty()) {
            missing(key, "is missing: " + remedy);
        }
        return node;
    }

    /** Adds a finding about a key that is not there. */
    void missing(String key, String message) {
        String path = place.path().isEmpty() ? key : place.path() + "." + key;
        findings.add(place.line(), place.column(), path, message);
    }

    Optional<Boolean> flag(Node node) {
        if (node instanceof Node.Scalar scalar && scalar.plain()) {
            if (scalar.text().equals("true") || scalar.text().equals("false")) {
                return Optional.of(scalar.text().equals("true"));
            }
        }
        findings.add(node, "must be true or false, not " + node.kind());
        return Optional.empty();
    }

    /** A text of one line that is not empty. */
    static Optional<Node.Scalar> text(Node node, Findings findings) {
        if (!(node instanceof Node.Scalar scalar) || node.kind().equals("nothing")) {
            findings.add(node, "must be a text, not " + node.kind());
            return Optional.empty();
        }
        if (scalar.text().isBlank() || !OneLine.isClean(scalar.text())) {
            findings.add(node, "must be one line of printable text");
            return Optional.empty();
        }
        return Optional.of(scalar);
    }

    /** The items of a list. */
    Optional<List<Node>> list(Node node) {
        return list(node, findings);
    }

    /** The items of a list, or a single text as the only one. At least one item, or a finding. */
    static List<Node> oneOrMore(Node node, Findings findings) {
        if (node instanceof Node.Scalar) {
            return List.of(node);
        }
        if (!(node instanceof Node.Sequence sequence)) {
            findings.add(node, "must be a text or a list of texts, not " + node.kind());
            return List.of();
        }
        if (sequence.items().isEmpty()) {
            findings.add(node, "is empty: list at least one value or take the key out");
        }
        return sequence.items();
    }

    /** The texts of a list or a single text; a finding for each that is none or that comes twice. */
    static List<Node.Scalar> texts(Node node, Findings findings) {
        List<Node.Scalar> texts = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (Node item : oneOrMore(node, findings)) {
            text(item, findings).ifPresent(text -> {
                if (!seen.add(text.text())) {
                    findings.add(text, "'" + text.text() + "' is listed twice: was another one meant?");
                }
                texts.add(text);
            });
        }
        return texts;
    }

    static Optional<List<Node>> list(Node node, Findings findings) {
        if (node instanceof Node.Sequence sequence) {
            return Optional.of(sequence.items());
        }
        findings.add(node, "must be a list, not " + node.kind());
        return Optional.empty();
    }

    /**
     * Checks {@code version: 1}. False, with a finding, for another version: then the other keys cannot be judged. A
     * missing version is a finding that leaves the rest readable.
     */
    boolean hasKnownVersion() {
        Optional<Node> version = required("version", "write 'version: 1' first");
        if (version.isEmpty()) {
            return true;
        }
        Node node = version.get();
        if (node instanceof Node.Scalar scalar
                && scalar.plain()
                && scalar.text().equals("1")) {
            return true;
        }
        findings.add(node, "must be 1, the only version that this program reads, not " + node.kind());
        return false;
    }
}
