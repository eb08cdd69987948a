package dev.dunnage.policy;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Reads the facts of a case. */
final class CaseFactsReader {
    static final SignatureFacts UNSIGNED = new SignatureFacts(Optional.of("no signature"), Set.of(), Set.of());
    static final List<String> IMAGE_KEYS = List.of("path", "digest", "source", "labels");
    static final List<String> SUBJECT_KEYS = List.of("uid", "user", "groups", "account", "partition");
    static final List<String> SIGNATURE_KEYS = List.of("rejection", "every-part", "any-part", "claimed", "legacy");
    private static final long MAX_ID = 0xFFFFFFFFL;

    private final Findings findings;
    private final Map<String, String> keys;

    /**
     * Makes the reader.
     *
     * @param keys fingerprints by the names that the file gives them
     */
    CaseFactsReader(Findings findings, Map<String, String> keys) {
        this.findings = findings;
        this.keys = keys;
    }

    Optional<ImageFacts> image(Node node) {
        return Section.of(node, findings, IMAGE_KEYS).flatMap(section -> {
            Optional<Path> path =
                    section.required("path", "write the path of the image").flatMap(this::path);
            Optional<String> digest = section.node("digest").flatMap(this::digest);
            return path.map(known -> new ImageFacts(
                    known,
                    digest,
                    section.node("source").flatMap(this::text),
                    section.node("labels").map(this::labels)));
        });
    }

    private Optional<Path> path(Node node) {
        try {
            return text(node).map(Path::of);
        } catch (InvalidPathException e) {
            findings.add(node, "is no path in this locale: run with LC_ALL=C.UTF-8");
            return Optional.empty();
        }
    }

    private Optional<String> digest(Node node) {
        Optional<String> text = text(node);
        if (text.isPresent() && !ImageFacts.DIGEST.matcher(text.get()).matches()) {
            findings.add(node, "'" + text.get() + "' is no digest: write sha256: and 64 hex digits");
            return Optional.empty();
        }
        return text;
    }

    private Map<String, String> labels(Node node) {
        Map<String, String> labels = new HashMap<>();
        if (node instanceof Node.Mapping mapping) {
            mapping.entries().forEach((name, entry) -> text(entry.value()).ifPresent(value -> labels.put(name, value)));
        } else {
            findings.add(node, "must be a mapping of labels to values");
        }
        return labels;
    }

    Optional<Subject> subject(Node node) {
        return Section.of(node, findings, SUBJECT_KEYS)
                .map(section -> new Subject(
                        section.node("uid")
                                .flatMap(n -> Numbers.whole(n, findings, 0, MAX_ID))
                                .map(OptionalLong::of)
                                .orElse(OptionalLong.empty()),
                        section.node("user").flatMap(this::text),
                        section.node("groups").map(this::groupIds),
                        section.node("groups").map(this::groupNames),
                        section.node("account").flatMap(this::maybeNone),
                        section.node("partition").flatMap(this::maybeNone)));
    }

    private Set<Long> groupIds(Node node) {
        Set<Long> ids = new HashSet<>();
        for (Node.Scalar text : Section.texts(node, findings)) {
            if (isId(text.text())) {
                Numbers.whole(text, findings, 0, MAX_ID).ifPresent(ids::add);
            }
        }
        return ids;
    }

    private Set<String> groupNames(Node node) {
        Set<String> names = new HashSet<>();
        for (Node.Scalar text : Section.texts(node, new Findings(findings.file()))) {
            if (!isId(text.text())) {
                names.add(text.text());
            }
        }
        return names;
    }

    private static boolean isId(String text) {
        return text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    /** A quoted empty text stands for a job that has none. */
    private Optional<String> maybeNone(Node node) {
        if (node instanceof Node.Scalar scalar
                && !scalar.plain()
                && scalar.text().isEmpty()) {
            return Optional.of("");
        }
        return text(node);
    }

    Optional<SignatureFacts> signatures(Node node) {
        return Section.of(node, findings, SIGNATURE_KEYS).map(section -> {
            Set<String> every = section.node("every-part").map(this::signers).orElse(Set.of());
            Set<String> any =
                    new HashSet<>(section.node("any-part").map(this::signers).orElse(Set.of()));
            any.addAll(every);
            boolean legacy = section.node("legacy").flatMap(section::flag).orElse(false);
            return new SignatureFacts(
                    section.node("rejection").flatMap(this::text),
                    every,
                    any,
                    legacy ? SignatureForm.LEGACY : SignatureForm.MODERN,
                    section.node("claimed").map(this::signers).orElse(Set.of()));
        });
    }

    private Set<String> signers(Node node) {
        Set<String> signers = new HashSet<>();
        for (Node item : Section.list(node, findings).orElse(List.of())) {
            text(item)
                    .ifPresent(text -> Optional.ofNullable(keys.get(text))
                            .or(() -> Fingerprint.of(text))
                            .ifPresentOrElse(signers::add, () -> findings.add(item, unknownSigner(text))));
        }
        return signers;
    }

    private String unknownSigner(String text) {
        return "'" + text + "' is neither a fingerprint of 40 hex digits nor a name from 'keys' of this file";
    }

    private Optional<String> text(Node node) {
        return Section.text(node, findings).map(Node.Scalar::text);
    }
}
