package dev.dunnage.policy;

import dev.dunnage.policy.SourceSettings.PullMode;
import dev.dunnage.policy.SourceSettings.PullTime;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Reads the keys {@code registries}, {@code image-cache} and {@code pull} of {@code dunnage.yaml}. */
final class SourceReader {
    static final List<String> REGISTRY_KEYS = List.of("allowed", "mirrors", "insecure", "ca-bundle", "library");
    static final List<String> CACHE_KEYS = List.of("directory", "shared", "size");
    static final List<String> PULL_KEYS = List.of("at", "mode");
    private static final Pattern HOST = Pattern.compile(
            "(?:\\*\\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?|\\[[0-9a-f:]+](?::[0-9]{1,5})?");
    private static final Pattern ADDRESS = Pattern.compile(
            "https?://(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\\[[0-9A-Fa-f:]+])(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~/-]*)?");
    private static final Pattern DIRECTORY = Pattern.compile("(?:/|%h/)(?:[^%]|%[uh])*");

    private final Findings findings;

    SourceReader(Findings findings) {
        this.findings = findings;
    }

    SourceSettings read(Section root) {
        SourceSettings defaults = SourceSettings.DEFAULTS;
        Optional<Section> registries = section(root, "registries", REGISTRY_KEYS);
        Optional<Section> cache = section(root, "image-cache", CACHE_KEYS);
        Optional<Section> pull = section(root, "pull", PULL_KEYS);
        return new SourceSettings(
                node(registries, "allowed").map(this::hosts).orElse(defaults.allowed()),
                node(registries, "mirrors").map(this::mirrors).orElse(defaults.mirrors()),
                node(registries, "insecure")
                        .map(node -> Set.copyOf(new LinkedHashSet<>(hosts(node))))
                        .orElse(defaults.insecure()),
                node(registries, "ca-bundle").flatMap(this::path),
                node(registries, "library").flatMap(this::address),
                node(cache, "directory").flatMap(this::directory).orElse(defaults.cacheDirectory()),
                node(cache, "shared").flatMap(this::path),
                node(cache, "size")
                        .flatMap(node -> Numbers.size(node, findings))
                        .orElse(defaults.cacheSize()),
                node(pull, "at").flatMap(node -> word(node, PullTime.values())).orElse(defaults.pullAt()),
                node(pull, "mode")
                        .flatMap(node -> word(node, PullMode.values()))
                        .orElse(defaults.pullMode()));
    }

    private Optional<Section> section(Section root, String key, List<String> keys) {
        return root.node(key).flatMap(node -> Section.of(node, findings, keys));
    }

    private static Optional<Node> node(Optional<Section> section, String key) {
        return section.flatMap(found -> found.node(key));
    }

    private List<String> hosts(Node node) {
        List<String> hosts = new ArrayList<>();
        for (Node.Scalar text : Section.texts(node, findings)) {
            if (!HOST.matcher(text.text()).matches()) {
                findings.add(text, "'" + text.text() + "' is no host: write HOST, HOST:PORT or *.DOMAIN in lower case");
            }
            hosts.add(text.text());
        }
        return hosts;
    }

    private Map<String, List<String>> mirrors(Node node) {
        Map<String, List<String>> mirrors = new LinkedHashMap<>();
        if (!(node instanceof Node.Mapping mapping)) {
            findings.add(node, "must be a mapping of hosts to addresses of mirrors, not " + node.kind());
            return mirrors;
        }
        mapping.entries().forEach((host, entry) -> {
            if (!HOST.matcher(host).matches() || host.startsWith("*")) {
                findings.add(
                        entry.line(),
                        entry.column(),
                        entry.value().path(),
                        "'" + host + "' is no host: write HOST or HOST:PORT in lower case");
            }
            List<String> addresses = new ArrayList<>();
            for (Node item : Section.oneOrMore(entry.value(), findings)) {
                address(item).ifPresent(addresses::add);
            }
            mirrors.put(host, List.copyOf(addresses));
        });
        return mirrors;
    }

    private Optional<String> address(Node node) {
        Optional<String> text =
                Section.text(node, findings).map(found -> found.text().replaceFirst("/+$", ""));
        if (text.isPresent() && !ADDRESS.matcher(text.get()).matches()) {
            findings.add(
                    node,
                    "is no address of a server: write https://HOST or https://HOST:PORT/PATH, without user and password");
            return Optional.empty();
        }
        return text;
    }

    private Optional<Path> path(Node node) {
        return SiteConfigLoader.path(node, findings);
    }

    private Optional<String> directory(Node node) {
        Optional<String> text = Section.text(node, findings).map(Node.Scalar::text);
        if (text.isPresent() && !DIRECTORY.matcher(text.get()).matches()) {
            findings.add(
                    node,
                    "must be an absolute path, with %u for the user's name and %h for the home directory, not '"
                            + text.get() + "'");
            return Optional.empty();
        }
        return text;
    }

    private <T extends Enum<T>> Optional<T> word(Node node, T[] values) {
        Optional<String> text = Section.text(node, findings).map(Node.Scalar::text);
        Optional<T> found = Arrays.stream(values)
                .filter(value -> text.equals(Optional.of(value.name().toLowerCase(Locale.ROOT))))
                .findFirst();
        if (text.isPresent() && found.isEmpty()) {
            findings.add(
                    node,
                    "unknown value '" + text.get() + "' (allowed: "
                            + Arrays.stream(values)
                                    .map(value -> value.name().toLowerCase(Locale.ROOT))
                                    .collect(Collectors.joining(", "))
                            + ")");
        }
        return found;
    }
}
