package dev.dunnage.policy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads the lists of {@code grant}. */
final class GrantListReader {
    static final List<String> BIND_KEYS = List.of("source", "access");
    static final List<String> CAPABILITY_KEYS = List.of("user", "group", "allow");
    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*\\*?");

    private final Findings findings;

    GrantListReader(Findings findings) {
        this.findings = findings;
    }

    /** An empty list grants none. */
    List<BindGrant> binds(Node node) {
        List<BindGrant> binds = new ArrayList<>();
        Set<Path> seen = new HashSet<>();
        for (Node item : Section.list(node, findings).orElse(List.of())) {
            Optional<BindGrant> bind = item instanceof Node.Mapping
                    ? Section.of(item, findings, BIND_KEYS).flatMap(this::bind)
                    : source(item).map(path -> new BindGrant(path, false));
            bind.ifPresent(b -> {
                if (!seen.add(b.source())) {
                    findings.add(item, "source " + b.source() + " is listed twice: keep one");
                }
                binds.add(b);
            });
        }
        return binds;
    }

    private Optional<BindGrant> bind(Section section) {
        boolean readOnly = section.node("access").map(this::readOnly).orElse(false);
        return section.required("source", "write a path of the host")
                .flatMap(this::source)
                .map(path -> new BindGrant(path, readOnly));
    }

    private boolean readOnly(Node node) {
        String text = Section.text(node, findings).map(Node.Scalar::text).orElse("rw");
        if (!text.equals("ro") && !text.equals("rw")) {
            findings.add(node, "must be ro or rw, not " + node.kind());
        }
        return text.equals("ro");
    }

    private Optional<Path> source(Node node) {
        return DirectoryReader.read(node, findings, DirectoryReader.Want.ANYTHING);
    }

    /** The words host and none, and names of networks. */
    List<String> networks(Node node) {
        List<String> networks = new ArrayList<>();
        for (Node.Scalar text : Section.texts(node, findings)) {
            if (!NetworkGrant.isChoice(text.text())) {
                findings.add(
                        text,
                        "'" + text.text() + "' is no network: name host, none, or one of the site's by up to 31 small"
                                + " letters, digits and '-'");
            }
            networks.add(text.text());
        }
        return networks;
    }

    List<PortRange> ports(Node node) {
        List<PortRange> ports = new ArrayList<>();
        for (Node.Scalar text : Section.texts(node, findings)) {
            Optional<PortRange> range = PortRange.of(text.text());
            range.ifPresent(ports::add);
            if (range.isEmpty()) {
                findings.add(
                        text, "'" + text.text() + "' is no port: write one from 1 to 65535, or a range as 8000-8999");
            }
        }
        return ports;
    }

    /** The words all and none, or paths. */
    Optional<List<Path>> devices(Node node) {
        if (node instanceof Node.Scalar scalar && scalar.text().equals("all")) {
            return Optional.empty();
        }
        if (node instanceof Node.Scalar scalar && scalar.text().equals("none")) {
            return Optional.of(List.of());
        }
        List<Path> devices = MatchReader.paths(node, DirectoryReader.Want.ANYTHING_UNSEEN, findings);
        for (Path device : devices) {
            if (!device.startsWith("/dev")) {
                findings.add(node, device + " is no device: name all, none, or paths beneath /dev");
            }
        }
        return Optional.of(devices);
    }

    /** The words all and none, or names. */
    EnvironmentGrant environment(Node node) {
        if (node instanceof Node.Scalar scalar && scalar.text().equals("all")) {
            return EnvironmentGrant.ALL;
        }
        if (node instanceof Node.Scalar scalar && scalar.text().equals("none")) {
            return EnvironmentGrant.NONE;
        }
        List<String> patterns = new ArrayList<>();
        for (Node.Scalar text : Section.texts(node, findings)) {
            if (!VARIABLE.matcher(text.text()).matches()) {
                findings.add(
                        text, "'" + text.text() + "' is no variable: write a name, or its start and '*' as in OMP_*");
            }
            patterns.add(text.text());
        }
        return new EnvironmentGrant(patterns);
    }

    List<CapabilityGrant> capabilities(Node node) {
        List<CapabilityGrant> grants = new ArrayList<>();
        for (Node item : Section.list(node, findings).orElse(List.of())) {
            Section.of(item, findings, CAPABILITY_KEYS).ifPresent(section -> grants.add(capability(section)));
        }
        return grants;
    }

    private CapabilityGrant capability(Section section) {
        if (section.node("user").isEmpty() && section.node("group").isEmpty()) {
            section.missing("user", "is missing: name the users or groups that need the capabilities");
        }
        return new CapabilityGrant(
                names(section, "user"),
                names(section, "group"),
                section.required("allow", "list capabilities such as CAP_NET_RAW")
                        .map(this::allowed)
                        .orElse(Set.of()));
    }

    private Set<String> names(Section section, String key) {
        return section.node(key).map(node -> MatchReader.names(node, findings)).orElse(Set.of());
    }

    private Set<String> allowed(Node node) {
        Set<String> names = new LinkedHashSet<>();
        for (Node.Scalar text : Section.texts(node, findings)) {
            Optional<String> name = Capability.of(text.text());
            name.ifPresent(names::add);
            if (name.isEmpty()) {
                findings.add(text, "'" + text.text() + "' is no capability: see capabilities(7)");
            }
        }
        return names;
    }
}
