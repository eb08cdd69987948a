package dev.dunnage.policy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Warnings about single values: keys, paths and names, each at its own place. */
final class TextDoubts {
    /** Paths of settings in the files, such as {@code rules[1].match.path[0]}. */
    private static final Pattern PLACE = Pattern.compile("rules\\[\\d+\\]\\.match\\.(?:path|parent)(?:\\[\\d+\\])?"
            + "|ecl\\.groups\\[\\d+\\]\\.directory|execgroup\\[\\d+\\]\\.dirpath");

    private static final Pattern KEY =
            Pattern.compile("(?:rules\\[\\d+\\]|ecl\\.groups\\[\\d+\\]|key-groups|execgroup\\[\\d+\\])\\..*");
    private static final Pattern USE = Pattern.compile("rules\\[\\d+\\]\\.(?:keys|require)\\b.*\\[\\d+\\]");
    private static final Pattern NETWORK =
            Pattern.compile("(?:defaults|rules\\[\\d+\\])\\.grant\\.network(?:\\[\\d+\\])?");
    private static final int OTHERS_WRITE = 0002;

    private final Doubts doubts;
    private final Optional<Set<String>> ring;
    private final Set<String> denied;
    private final Optional<Path> networks;
    private final Instant at;

    TextDoubts(Doubts doubts, Optional<Set<String>> ring, Set<String> denied, Optional<Path> networks, Instant at) {
        this.doubts = doubts;
        this.ring = ring;
        this.denied = denied;
        this.networks = networks;
        this.at = at;
    }

    void check(List<Source> sources) {
        List<Node> all = new ArrayList<>();
        for (Source source : sources) {
            List<Node> nodes = new ArrayList<>();
            source.tree().ifPresent(tree -> collect(tree, nodes));
            nodes.forEach(node -> check(source.file(), node));
            all.addAll(nodes);
        }
        Set<String> used = new HashSet<>();
        all.forEach(node -> {
            if (node instanceof Node.Scalar scalar && USE.matcher(node.path()).matches()) {
                used.add(scalar.text());
            }
        });
        for (Source source : sources) {
            source.tree().ifPresent(tree -> unusedGroups(source.file(), tree, used));
        }
    }

    private static void collect(Node node, List<Node> into) {
        into.add(node);
        if (node instanceof Node.Mapping mapping) {
            mapping.entries().values().forEach(entry -> collect(entry.value(), into));
        } else if (node instanceof Node.Sequence sequence) {
            sequence.items().forEach(item -> collect(item, into));
        }
    }

    private void check(Path file, Node node) {
        if (node instanceof Node.Scalar scalar && PLACE.matcher(node.path()).matches()) {
            place(scalar.text()).ifPresent(message -> add(file, node, message));
        } else if (node instanceof Node.Scalar scalar
                && NETWORK.matcher(node.path()).matches()) {
            network(scalar.text()).ifPresent(message -> add(file, node, message));
        } else if (node instanceof Node.Scalar scalar
                && KEY.matcher(node.path()).matches()) {
            Fingerprint.of(scalar.text()).ifPresent(key -> key(file, node, key));
        } else if (node instanceof Node.Mapping mapping
                && KEY.matcher(node.path()).matches()) {
            ended(file, mapping);
        }
    }

    private void key(Path file, Node node, String key) {
        if (ring.isPresent() && !ring.get().contains(key)) {
            add(file, node, "key " + key + " is not in the key ring: its signatures are never found good");
        }
        if (denied.contains(key)) {
            add(file, node, "key " + key + " is denied by deny-keys: it can never allow an image");
        }
    }

    private void ended(Path file, Node.Mapping mapping) {
        Node.Entry until = mapping.entries().get("until");
        if (until == null || !mapping.entries().containsKey("key")) {
            return;
        }
        Optional<Instant> end = DateReader.moment(until.value(), new Findings(file), 1);
        if (end.filter(e -> !at.isBefore(e)).isPresent()) {
            add(file, until.value(), "the key has stopped to count: take it out or extend it");
        }
    }

    private Optional<String> place(String text) {
        try {
            Path path = Path.of(text);
            Map<String, Object> seen = Files.readAttributes(path, "unix:mode");
            int mode = (Integer) seen.getOrDefault("mode", 0);
            return (mode & OTHERS_WRITE) == 0
                    ? Optional.empty()
                    : Optional.of("anybody can put images there (mode " + Integer.toOctalString(mode & 07777)
                            + "): chmod o-w " + path);
        } catch (NoSuchFileException e) {
            return text.isEmpty() ? Optional.empty() : Optional.of("does not exist here");
        } catch (IOException | InvalidPathException e) {
            return Optional.empty();
        }
    }

    private Optional<String> network(String name) {
        return networks.filter(directory ->
                        NetworkGrant.isOfSite(name) && !Files.exists(directory.resolve(name + NetworkGrant.SUFFIX)))
                .map(directory -> "this node has no network '" + name + "': write "
                        + directory.resolve(name + NetworkGrant.SUFFIX) + ", or take the name out");
    }

    private void unusedGroups(Path file, Node tree, Set<String> used) {
        if (!(tree instanceof Node.Mapping root)) {
            return;
        }
        Node.Entry groups = root.entries().get("key-groups");
        if (groups == null || !(groups.value() instanceof Node.Mapping mapping)) {
            return;
        }
        mapping.entries().forEach((name, entry) -> {
            if (!used.contains(name)) {
                doubts.add(file, entry.line(), entry.column(), entry.value().path(), "no rule uses this key group");
            }
        });
    }

    private void add(Path file, Node node, String message) {
        doubts.add(file, node.line(), node.column(), node.path(), message);
    }
}
