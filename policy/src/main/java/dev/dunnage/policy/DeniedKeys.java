package dev.dunnage.policy;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The keys of {@code deny-keys}: one signature in their name on any part of an image refuses it, whatever the rules say.
 *
 * @param entries by fingerprint
 */
record DeniedKeys(Map<String, Entry> entries) {
    static final DeniedKeys NONE = new DeniedKeys(Map.of());

    private static final String NAME = "(denied key)";

    /** An entry with its place. */
    record Entry(String fingerprint, Optional<String> reason, Path file, int line) {}

    DeniedKeys {
        entries = Map.copyOf(entries);
    }

    /** How the list did in a decision; empty without any entry. */
    Optional<Considered> considered(SignatureFacts facts) {
        Optional<Decision> decision = decide(facts);
        if (decision.isPresent()) {
            Decision d = decision.get();
            return Optional.of(new Considered(NAME, d.file(), d.line(), Considered.Result.DECIDED, d.reason()));
        }
        return entries.values().stream()
                .min(Comparator.comparing(Entry::file).thenComparingInt(Entry::line))
                .map(first -> new Considered(
                        NAME,
                        first.file(),
                        first.line(),
                        Considered.Result.DID_NOT_FIT,
                        "no denied key signed any part"));
    }

    /** Whether all of them can be told by what descriptors claim: a signature by a PEM key has no fingerprint. */
    boolean areClaimed() {
        return entries.keySet().stream().noneMatch(key -> key.startsWith("SHA256:"));
    }

    Optional<Decision> decide(SignatureFacts facts) {
        List<Entry> found = facts.suspects().stream()
                .sorted()
                .flatMap(key -> Optional.ofNullable(entries.get(key)).stream())
                .toList();
        if (found.isEmpty()) {
            return Optional.empty();
        }
        String keys = found.stream()
                .map(e -> e.fingerprint() + e.reason().map(r -> " (" + r + ")").orElse(""))
                .collect(Collectors.joining(", "));
        Entry first = found.get(0);
        return Optional.of(new Decision.Deny(
                NAME,
                first.file(),
                first.line(),
                "the image is signed with the denied key " + keys,
                "have a fresh image made and signed by another key of the site's ring"));
    }
}
