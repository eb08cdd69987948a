package dev.dunnage.policy;

import java.util.Optional;
import java.util.Set;

/** Slurm account or partition of the job. */
record JobCondition(Kind kind, Set<String> values) implements Condition {

    /** Which property of the job. */
    enum Kind {
        ACCOUNT("account"),
        PARTITION("partition");

        private final String word;

        Kind(String word) {
            this.word = word;
        }
    }

    JobCondition {
        values = Set.copyOf(values);
    }

    @Override
    public Match judge(Subject subject, ImageFacts image) {
        Optional<String> known = kind == Kind.ACCOUNT ? subject.account() : subject.partition();
        String wanted =
                kind.word + " " + String.join(", ", values.stream().sorted().toList());
        return known.map(value -> Match.of(values.contains(value), kind.word + " " + value, "it wants " + wanted))
                .orElseGet(() ->
                        Match.unknown("the rule wants " + wanted + ", and the " + kind.word + " is not known here"));
    }

    @Override
    public boolean includes(Condition other) {
        return other instanceof JobCondition narrow && narrow.kind == kind && values.containsAll(narrow.values);
    }

    @Override
    public Set<Need> needs() {
        return Set.of(kind == Kind.ACCOUNT ? Need.ACCOUNT : Need.PARTITION);
    }
}
