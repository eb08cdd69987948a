package dev.dunnage.policy;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads files of cases for {@link PolicyTests}. */
final class CaseFileReader {
    static final List<String> ROOT_KEYS = List.of("version", "policy", "ecl", "time", "keys", "cases");
    static final List<String> CASE_KEYS =
            List.of("name", "image", "subject", "signatures", "time", "expect", "rule", "trusted", "reason");

    private final Findings findings;
    private final Map<String, String> keys = new HashMap<>();
    private Instant time = Clock.systemUTC().instant();

    private CaseFileReader(Findings findings) {
        this.findings = findings;
    }

    static CaseFile read(Path file) throws SiteFileException {
        String text = SiteFile.read(file, OwnershipRule.any());
        Findings findings = new Findings(file);
        Node tree = YamlTree.parse(text, findings);
        Optional<CaseFile> cases = Section.of(tree, findings, ROOT_KEYS)
                .filter(Section::hasKnownVersion)
                .map(root -> new CaseFileReader(findings).file(file, root));
        findings.check();
        return cases.orElseThrow(() -> new IllegalStateException("no cases and no finding"));
    }

    private CaseFile file(Path file, Section root) {
        root.node("keys").ifPresent(this::keys);
        root.node("time").flatMap(node -> DateReader.moment(node, findings, 0)).ifPresent(at -> time = at);
        boolean ecl = root.node("ecl").isPresent();
        Optional<Path> policy = root.node(ecl ? "ecl" : "policy").flatMap(node -> path(node, file));
        if (ecl) {
            root.node("policy").ifPresent(node -> findings.add(node, "stands beside 'ecl': keep one of the two"));
        }
        List<CaseFile.Case> cases = new ArrayList<>();
        root.required("cases", "list at least one case")
                .flatMap(root::list)
                .ifPresent(items -> items.forEach(item ->
                        Section.of(item, findings, CASE_KEYS).flatMap(this::one).ifPresent(cases::add)));
        return new CaseFile(file, policy, ecl, cases);
    }

    private void keys(Node node) {
        if (!(node instanceof Node.Mapping mapping)) {
            findings.add(node, "must be a mapping of names to fingerprints, not " + node.kind());
            return;
        }
        mapping.entries()
                .forEach((name, entry) -> Section.text(entry.value(), findings)
                        .ifPresent(text -> Fingerprint.of(text.text())
                                .ifPresentOrElse(
                                        key -> keys.put(name, key),
                                        () -> findings.add(entry.value(), Fingerprint.refusal(text.text())))));
    }

    private Optional<Path> path(Node node, Path file) {
        return Section.text(node, findings).flatMap(text -> {
            try {
                return Optional.of(file.resolveSibling(text.text()).normalize());
            } catch (InvalidPathException e) {
                findings.add(node, "'" + text.text() + "' is no path in this locale: run with LC_ALL=C.UTF-8");
                return Optional.empty();
            }
        });
    }

    private Optional<CaseFile.Case> one(Section section) {
        CaseFactsReader facts = new CaseFactsReader(findings, keys);
        Optional<String> name =
                section.required("name", "say what the case shows").flatMap(this::text);
        Optional<ImageFacts> image =
                section.required("image", "write at least {path: ...}").flatMap(facts::image);
        Optional<Subject> subject =
                section.node("subject").map(facts::subject).orElseGet(() -> Optional.of(Subject.unknown()));
        Optional<SignatureFacts> signatures = section.node("signatures")
                .map(facts::signatures)
                .orElseGet(() -> Optional.of(CaseFactsReader.UNSIGNED));
        Instant at = section.node("time")
                .flatMap(n -> DateReader.moment(n, findings, 0))
                .orElse(time);
        Optional<Boolean> expect =
                section.required("expect", "write allow or deny").flatMap(this::allow);
        if (name.isEmpty() || image.isEmpty() || subject.isEmpty() || signatures.isEmpty() || expect.isEmpty()) {
            return Optional.empty();
        }
        CaseFile.Expected expected = new CaseFile.Expected(
                expect.get(),
                section.node("rule").flatMap(this::text),
                section.node("trusted").flatMap(section::flag),
                section.node("reason").flatMap(this::text));
        return Optional.of(new CaseFile.Case(
                name.get(), section.line(), subject.get(), image.get(), signatures.get(), at, expected));
    }

    private Optional<String> text(Node node) {
        return Section.text(node, findings).map(Node.Scalar::text);
    }

    private Optional<Boolean> allow(Node node) {
        Optional<String> text = text(node);
        if (text.isPresent() && !text.get().equals("allow") && !text.get().equals("deny")) {
            findings.add(node, "must be allow or deny, not " + node.kind());
            return Optional.empty();
        }
        return text.map("allow"::equals);
    }
}
