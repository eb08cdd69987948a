package dev.dunnage.policy;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Reads {@code grant} of a rule. What is not written is as the defaults have it. */
final class GrantReader {
    static final List<String> KEYS = List.of(
            "driver",
            "binds",
            "bind-targets",
            "replace-programs",
            "overlay",
            "host-libraries",
            "devices",
            "gpu",
            "network",
            "ports",
            "environment",
            "capabilities",
            "seccomp",
            "user-namespaces",
            "limits",
            "slurm-commands");
    static final List<String> LIMIT_KEYS = List.of("pids", "memory");
    private static final Pattern SECCOMP = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    /** pid_max of 64-bit Linux. */
    private static final long MAX_PIDS = 1L << 22;

    private final Findings findings;

    GrantReader(Findings findings) {
        this.findings = findings;
    }

    Grants read(Node node, Grants defaults) {
        return Section.of(node, findings, KEYS)
                .map(section -> grants(section, defaults))
                .orElse(defaults);
    }

    private Grants grants(Section grant, Grants defaults) {
        GrantListReader lists = new GrantListReader(findings);
        boolean replacePrograms = flag(grant, "replace-programs", defaults.replacePrograms());
        Grants grants = new Grants(
                one(grant, "driver", MountDriver.values()).orElse(defaults.driver()),
                grant.node("binds").map(lists::binds).or(defaults::binds),
                grant.node("bind-targets").map(this::targets).orElse(defaults.bindTargets()),
                replacePrograms,
                flag(grant, "overlay", replacePrograms),
                flag(grant, "host-libraries", defaults.hostLibraries()),
                grant.node("devices").map(lists::devices).orElse(defaults.devices()),
                flag(grant, "gpu", defaults.gpu()),
                network(grant, lists, defaults.network()),
                grant.node("environment").map(lists::environment).orElse(defaults.environment()),
                grant.node("capabilities").map(lists::capabilities).orElse(defaults.capabilities()),
                grant.node("seccomp").flatMap(this::seccomp).or(defaults::seccomp),
                flag(grant, "user-namespaces", defaults.userNamespaces()),
                grant.node("limits").flatMap(this::limits).orElse(defaults.limits()),
                grant.node("slurm-commands").flatMap(grant::flag).or(defaults::slurmCommands));
        checkTogether(grant, grants);
        return grants;
    }

    private void checkTogether(Section grant, Grants grants) {
        if (grants.overlay() && !grants.replacePrograms()) {
            grant.node("overlay")
                    .ifPresent(node -> findings.add(
                            node, "an overlay can replace programs: add 'replace-programs: true' or take it out"));
        }
        if (!grants.network().namesNetworks()) {
            grant.node("ports")
                    .ifPresent(node -> findings.add(
                            node, "counts with a network of the site only: name one in 'network' or take it out"));
        }
        if (grants.replacePrograms()) {
            grant.node("bind-targets")
                    .ifPresent(node ->
                            findings.add(node, "counts with 'replace-programs: false' only: add that or take it out"));
        }
    }

    private boolean flag(Section grant, String key, boolean otherwise) {
        return grant.node(key).flatMap(grant::flag).orElse(otherwise);
    }

    private List<Path> targets(Node node) {
        return MatchReader.paths(node, DirectoryReader.Want.ANYTHING_UNSEEN, findings);
    }

    private static NetworkGrant network(Section grant, GrantListReader lists, NetworkGrant defaults) {
        return new NetworkGrant(
                grant.node("network").map(lists::networks).orElse(defaults.choices()),
                grant.node("ports").map(lists::ports).orElse(defaults.ports()));
    }

    private <E extends Enum<E>> Optional<E> one(Section grant, String key, E[] values) {
        return grant.node(key)
                .flatMap(node -> Section.text(node, findings).flatMap(text -> word(node, text.text(), values)));
    }

    private <E extends Enum<E>> Optional<E> word(Node node, String text, E[] values) {
        Map<String, E> words = Arrays.stream(values)
                .collect(Collectors.toMap(value -> value.name().toLowerCase(Locale.ROOT), Function.identity()));
        Optional<E> value = Optional.ofNullable(words.get(text));
        if (value.isEmpty()) {
            findings.add(
                    node,
                    "unknown word '" + text + "' (allowed: "
                            + words.keySet().stream().sorted().collect(Collectors.joining(", ")) + ")");
        }
        return value;
    }

    private Optional<String> seccomp(Node node) {
        Optional<String> name = Section.text(node, findings).map(Node.Scalar::text);
        if (name.isPresent() && !SECCOMP.matcher(name.get()).matches()) {
            findings.add(node, "must be the name of a profile, up to 64 letters, digits, '.', '_' and '-', not a path");
            return Optional.empty();
        }
        return name;
    }

    private Optional<Limits> limits(Node node) {
        return Section.of(node, findings, LIMIT_KEYS)
                .map(section -> new Limits(
                        optional(section.node("pids").flatMap(n -> Numbers.whole(n, findings, 1, MAX_PIDS))),
                        optional(section.node("memory").flatMap(n -> Numbers.size(n, findings)))));
    }

    private static OptionalLong optional(Optional<Long> number) {
        return number.map(OptionalLong::of).orElse(OptionalLong.empty());
    }
}
