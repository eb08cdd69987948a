package dev.dunnage.policy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads {@code ecl.groups}. */
final class GroupReader {
    static final List<String> KEYS = List.of("name", "mode", "directory", "keys");
    private static final String ALL_OTHERS = "(all other directories)";

    private final Findings findings;
    private final Map<String, Integer> names = new HashMap<>();
    private final Map<String, Integer> directories = new HashMap<>();

    GroupReader(Findings findings) {
        this.findings = findings;
    }

    /** The groups that could be read; the others are among the findings. */
    List<Group> read(List<Node> items) {
        List<Group> groups = new ArrayList<>();
        for (Node item : items) {
            Section.of(item, findings, KEYS).flatMap(this::group).ifPresent(groups::add);
        }
        return groups;
    }

    private Optional<Group> group(Section section) {
        Optional<String> name =
                section.required("name", "give the group a name of its own").flatMap(this::name);
        Optional<Mode> mode =
                section.required("mode", "write one of " + Mode.NAMES).flatMap(node -> Mode.read(node, findings));
        Optional<Node> place = section.node("directory");
        Optional<Path> directory = place.flatMap(node -> DirectoryReader.read(node, findings));
        checkOnce(section, place, directory);
        List<String> keys = keys(section, mode);
        if (name.isEmpty() || mode.isEmpty() || (place.isPresent() && directory.isEmpty())) {
            return Optional.empty();
        }
        return Optional.of(new Group(name.get(), section.line(), section.column(), mode.get(), directory, keys));
    }

    private Optional<String> name(Node node) {
        Optional<Node.Scalar> text = Section.text(node, findings);
        text.ifPresent(t -> {
            Integer earlier = names.putIfAbsent(t.text(), node.line());
            if (earlier != null) {
                findings.add(
                        node, "the group of line " + earlier + " has the name '" + t.text() + "' already: rename one");
            }
        });
        return text.map(Node.Scalar::text);
    }

    private void checkOnce(Section section, Optional<Node> place, Optional<Path> directory) {
        if (place.isPresent() && directory.isEmpty()) {
            return;
        }
        String which = directory.map(Path::toString).orElse(ALL_OTHERS);
        int line = place.map(Node::line).orElse(section.line());
        Integer earlier = directories.putIfAbsent(which, line);
        if (earlier == null) {
            return;
        }
        if (place.isPresent()) {
            findings.add(place.get(), which + " has a group in line " + earlier + " already: merge the two");
        } else {
            section.missing(
                    "directory",
                    "is missing, but line " + earlier + " stands for all other directories already: add a directory");
        }
    }

    private List<String> keys(Section section, Optional<Mode> mode) {
        if (mode.filter(m -> m == Mode.OPEN).isPresent()) {
            section.node("keys").ifPresent(node -> findings.add(node, Mode.OPEN_WITH_KEYS));
            return List.of();
        }
        Optional<Node> node = mode.isPresent()
                ? section.required("keys", "list at least one fingerprint of 40 hex digits")
                : section.node("keys");
        return node.flatMap(n -> section.list(n).map(items -> keys(n, items))).orElse(List.of());
    }

    private List<String> keys(Node list, List<Node> items) {
        if (items.isEmpty()) {
            findings.add(list, "is empty: list at least one fingerprint of 40 hex digits");
        }
        List<String> keys = new ArrayList<>();
        for (Node item : items) {
            key(item).ifPresent(key -> {
                if (keys.contains(key)) {
                    findings.add(item, "key " + key + " is listed twice: was another one meant?");
                }
                keys.add(key);
            });
        }
        return keys;
    }

    private Optional<String> key(Node node) {
        return Fingerprint.read(node, findings);
    }
}
