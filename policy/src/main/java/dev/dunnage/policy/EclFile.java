package dev.dunnage.policy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Apptainer's {@code ecl.toml} as it stands.
 *
 * @param activated empty when the file does not say
 * @param line 1-based line of {@code activated}, 1 without
 */
record EclFile(Optional<Boolean> activated, int line, boolean legacy, List<Group> groups) {
    static final List<String> ROOT_KEYS = List.of("activated", "legacyinsecure", "execgroup");
    static final List<String> GROUP_KEYS = List.of("tagname", "mode", "dirpath", "keyfp");

    /** A file without any finding. */
    static EclFile load(Path file, OwnershipRule rule) throws SiteFileException {
        Findings findings = new Findings(file);
        Optional<EclFile> ecl =
                TomlTree.parse(SiteFile.read(file, rule), findings).flatMap(tree -> read(tree, findings));
        findings.check();
        return ecl.orElseThrow(() -> new IllegalStateException("no list and no finding"));
    }

    /** The file as far as it can be read; unusable when there are findings. */
    static Optional<EclFile> read(Node tree, Findings findings) {
        return Section.of(tree, findings, ROOT_KEYS).map(root -> new Reader(findings).file(root));
    }

    /** Whether signatures are checked at all. */
    boolean isActive() {
        return activated.orElse(false);
    }

    /** Collects what must not come twice. */
    private static final class Reader {
        private static final String MODES = "whitelist, whitestrict, blacklist";

        private final Findings findings;
        private final Map<String, Integer> places = new HashMap<>();

        Reader(Findings findings) {
            this.findings = findings;
        }

        EclFile file(Section root) {
            Optional<Node> activated = root.node("activated");
            List<Group> groups = new ArrayList<>();
            Optional<Node> list = root.node("execgroup");
            list.flatMap(root::list)
                    .ifPresent(items -> items.forEach(item -> group(item).ifPresent(groups::add)));
            if (activated.isEmpty() && list.isPresent()) {
                root.missing("activated", "is missing, so that the groups would do nothing: write activated = true");
            }
            return new EclFile(
                    activated.flatMap(root::flag),
                    activated.map(Node::line).orElse(1),
                    root.node("legacyinsecure").flatMap(root::flag).orElse(false),
                    groups);
        }

        private Optional<Group> group(Node item) {
            return Section.of(item, findings, GROUP_KEYS).flatMap(section -> {
                Optional<Path> directory = directory(section);
                Optional<Mode> mode =
                        section.required("mode", "write one of " + MODES).flatMap(this::mode);
                List<String> keys = section.required("keyfp", "list at least one fingerprint of 40 hex digits")
                        .map(this::keys)
                        .orElse(List.of());
                Optional<String> tag =
                        section.node("tagname").flatMap(this::text).filter(OneLine::isClean);
                String name = tag.filter(t -> !t.isBlank()).orElse("execgroup of line " + section.line());
                return mode.map(m -> new Group(name, section.line(), section.column(), m, directory, keys));
            });
        }

        private Optional<String> text(Node node) {
            if (node instanceof Node.Scalar scalar && !scalar.plain()) {
                return Optional.of(scalar.text());
            }
            findings.add(node, "must be a text in quotes, not " + node.kind());
            return Optional.empty();
        }

        private Optional<Mode> mode(Node node) {
            return text(node).flatMap(text -> {
                Optional<Mode> mode = Mode.of(text).filter(m -> m != Mode.OPEN);
                if (mode.isEmpty()) {
                    findings.add(node, "unknown mode '" + text + "' (allowed: " + MODES + ")");
                }
                return mode;
            });
        }

        /** An empty text means the group for all other directories, as no text does. */
        private Optional<Path> directory(Section section) {
            Optional<Node> node = section.node("dirpath");
            Optional<String> text = node.flatMap(this::text);
            if (node.isPresent() && text.isEmpty()) {
                return Optional.empty();
            }
            boolean others = text.filter(t -> !t.isEmpty()).isEmpty();
            Optional<Path> path = others
                    ? Optional.empty()
                    : node.flatMap(n -> DirectoryReader.read(n, findings, DirectoryReader.Want.EXISTING_DIRECTORY));
            String what = others ? "the group without dirpath" : text.orElse("");
            Integer earlier = places.putIfAbsent(what, section.line());
            if (earlier != null) {
                int line = node.map(Node::line).orElse(section.line());
                int column = node.map(Node::column).orElse(section.column());
                String key = node.map(Node::path).orElse("execgroup");
                findings.add(line, column, key, what + " comes in line " + earlier + " already: merge the two");
            }
            return path;
        }

        private List<String> keys(Node node) {
            Optional<List<Node>> items = Section.list(node, findings);
            if (items.isPresent() && items.get().isEmpty()) {
                findings.add(node, "is empty: list at least one fingerprint of 40 hex digits");
            }
            List<String> keys = new ArrayList<>();
            for (Node item : items.orElse(List.of())) {
                text(item).flatMap(text -> Fingerprint.read(item, findings)).ifPresent(keys::add);
            }
            return keys;
        }
    }
}
