package dev.dunnage.policy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads {@code match} of a rule. Every key must fit; of a list, one value is enough. */
final class MatchReader {
    static final List<String> KEYS =
            List.of("path", "parent", "user", "group", "account", "partition", "digest", "source", "labels");
    private static final Pattern SOURCE = Pattern.compile("(oras|docker|library|https|http)://([^/]+)(?:/.*)?");
    /** As launchers write a reference out: small letters, and of {@code docker://} what cannot be a name at Docker Hub. */
    private static final Pattern HOST = Pattern.compile("[a-z0-9.:\\[\\]-]+");

    private static final Pattern DOCKER_HOST =
            Pattern.compile("(?!index\\.docker\\.io|registry-1\\.docker\\.io).*[.:].*|localhost");

    private final Findings findings;

    MatchReader(Findings findings) {
        this.findings = findings;
    }

    /** The conditions; empty, with a finding, when there is none: that must not pass for a rule that fits always. */
    Optional<List<Condition>> read(Node node) {
        Optional<Section> section = Section.of(node, findings, KEYS);
        if (section.isEmpty()) {
            return Optional.empty();
        }
        if (section.get().names().isEmpty()) {
            findings.add(node, "is empty: name what must fit, or take the key out for a rule that fits always");
            return Optional.empty();
        }
        List<Condition> conditions = new ArrayList<>();
        for (String key : KEYS) {
            section.get().node(key).ifPresent(value -> conditions.add(condition(key, value)));
        }
        return Optional.of(conditions);
    }

    private Condition condition(String key, Node value) {
        return switch (key) {
            case "path" -> paths(value, DirectoryReader.Want.ANYTHING, PathCondition.Extent.AT_OR_BENEATH);
            case "parent" -> paths(value, DirectoryReader.Want.DIRECTORY, PathCondition.Extent.DIRECTLY_IN);
            case "user" -> new IdentityCondition(IdentityCondition.Kind.USER, names(value, findings));
            case "group" -> new IdentityCondition(IdentityCondition.Kind.GROUP, names(value, findings));
            case "account" -> new JobCondition(JobCondition.Kind.ACCOUNT, names(value, findings));
            case "partition" -> new JobCondition(JobCondition.Kind.PARTITION, names(value, findings));
            case "digest" -> new DigestCondition(digests(value));
            case "source" -> new SourceCondition(sources(value));
            default -> new LabelCondition(labels(value));
        };
    }

    private PathCondition paths(Node value, DirectoryReader.Want want, PathCondition.Extent extent) {
        return new PathCondition(paths(value, want, findings), extent);
    }

    static List<Path> paths(Node value, DirectoryReader.Want want, Findings findings) {
        List<Path> paths = new ArrayList<>();
        for (Node item : Section.oneOrMore(value, findings)) {
            DirectoryReader.read(item, findings, want).ifPresent(path -> {
                if (paths.contains(path)) {
                    findings.add(item, "'" + path + "' is listed twice: was another one meant?");
                }
                paths.add(path);
            });
        }
        return paths;
    }

    static Set<String> names(Node value, Findings findings) {
        Set<String> names = new LinkedHashSet<>();
        Section.texts(value, findings).forEach(text -> names.add(text.text()));
        return names;
    }

    private Set<String> digests(Node value) {
        Set<String> digests = new LinkedHashSet<>();
        for (Node.Scalar text : Section.texts(value, findings)) {
            String digest = text.text().toLowerCase(Locale.ROOT);
            if (ImageFacts.DIGEST.matcher(digest).matches()) {
                digests.add(digest);
            } else {
                findings.add(text, "'" + text.text() + "' is no digest: write sha256: and 64 hex digits");
            }
        }
        return digests;
    }

    private List<String> sources(Node value) {
        List<String> sources = new ArrayList<>();
        for (Node.Scalar text : Section.texts(value, findings)) {
            Matcher source = SOURCE.matcher(text.text());
            if (!source.matches()) {
                findings.add(
                        text, "'" + text.text() + "' is no source: start it as in docker://registry.example.org/team");
            } else if (!isHost(source.group(1), source.group(2))) {
                findings.add(
                        text,
                        "'" + source.group(2) + "' is no host as it is written out: write for example"
                                + " docker://docker.io/library/ubuntu");
            }
            sources.add(text.text());
        }
        return sources;
    }

    /** A library that is not named is the configured one. */
    private static boolean isHost(String scheme, String text) {
        return switch (scheme) {
            case "library" -> true;
            case "docker" ->
                HOST.matcher(text).matches() && DOCKER_HOST.matcher(text).matches();
            default -> HOST.matcher(text).matches();
        };
    }

    private Map<String, Set<String>> labels(Node value) {
        Map<String, Set<String>> labels = new LinkedHashMap<>();
        if (!(value instanceof Node.Mapping mapping) || mapping.entries().isEmpty()) {
            findings.add(value, "must be a mapping of labels to values");
            return labels;
        }
        mapping.entries().forEach((name, entry) -> labels.put(name, names(entry.value(), findings)));
        return labels;
    }
}
