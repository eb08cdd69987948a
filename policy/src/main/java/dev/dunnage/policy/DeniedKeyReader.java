package dev.dunnage.policy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads {@code deny-keys} of all files. */
final class DeniedKeyReader {
    static final List<String> KEYS = List.of("key", "reason");

    private final Map<String, DeniedKeys.Entry> entries = new LinkedHashMap<>();

    void read(Node node, Findings findings) {
        for (Node item : Section.list(node, findings).orElse(List.of())) {
            if (item instanceof Node.Mapping) {
                Section.of(item, findings, KEYS).ifPresent(section -> add(section, findings));
            } else {
                add(item, Optional.empty(), findings);
            }
        }
    }

    private void add(Section section, Findings findings) {
        Optional<String> reason = section.node("reason")
                .flatMap(node -> Section.text(node, findings))
                .map(Node.Scalar::text);
        section.required("key", "write the fingerprint of 40 hex digits")
                .ifPresent(node -> add(node, reason, findings));
    }

    private void add(Node node, Optional<String> reason, Findings findings) {
        Optional<String> text = Section.text(node, findings).map(Node.Scalar::text);
        if (text.isEmpty()) {
            return;
        }
        Optional<String> key = Fingerprint.of(text.get());
        if (key.isEmpty()) {
            findings.add(node, Fingerprint.refusal(text.get()));
            return;
        }
        DeniedKeys.Entry earlier =
                entries.putIfAbsent(key.get(), new DeniedKeys.Entry(key.get(), reason, findings.file(), node.line()));
        if (earlier != null) {
            findings.add(
                    node,
                    "key " + key.get() + " is denied in " + earlier.file() + ":" + earlier.line()
                            + " already: keep one");
        }
    }

    DeniedKeys denied() {
        return new DeniedKeys(entries);
    }
}
