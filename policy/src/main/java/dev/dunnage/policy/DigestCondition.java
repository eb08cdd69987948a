package dev.dunnage.policy;

import java.util.Set;

/** The content of the whole file, by {@code sha256:} and 64 lower-case hex digits. */
record DigestCondition(Set<String> values) implements Condition {
    DigestCondition {
        values = Set.copyOf(values);
    }

    @Override
    public Match judge(Subject subject, ImageFacts image) {
        return image.digest()
                .map(digest -> Match.of(values.contains(digest), digest, "it wants other content than " + digest))
                .orElseGet(() -> Match.unknown("the rule wants a digest, and that of the image is not known here"));
    }

    @Override
    public boolean includes(Condition other) {
        return other instanceof DigestCondition narrow && values.containsAll(narrow.values);
    }

    @Override
    public Set<Need> needs() {
        return Set.of(Need.DIGEST);
    }
}
