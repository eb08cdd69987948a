package dev.dunnage.policy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Reads {@code key-groups} of all files: lists of keys that rules call by name. */
final class KeyGroupReader {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._ -]{0,63}");

    private final Map<String, List<ListedKey>> groups = new LinkedHashMap<>();
    private final Map<String, String> places = new LinkedHashMap<>();

    void read(Node node, Findings findings) {
        if (!(node instanceof Node.Mapping mapping)) {
            findings.add(node, "must be a mapping of names to lists of keys, not " + node.kind());
            return;
        }
        mapping.entries().forEach((name, entry) -> add(name, entry, findings));
    }

    private void add(String name, Node.Entry entry, Findings findings) {
        String path = entry.value().path();
        if (!NAME.matcher(name).matches() || Fingerprint.of(name).isPresent()) {
            findings.add(
                    entry.line(),
                    entry.column(),
                    path,
                    "is no name for a key group: use up to 64 letters, digits, '.', '_', '-' and blanks");
            return;
        }
        String earlier = places.putIfAbsent(name, findings.file() + ":" + entry.line());
        if (earlier != null) {
            findings.add(
                    entry.line(), entry.column(), path, "is the name of the key group of " + earlier + ": rename one");
        }
        groups.put(name, new KeyListReader(findings, Map.of()).read(entry.value()));
    }

    Map<String, List<ListedKey>> groups() {
        return groups;
    }
}
