package dev.dunnage.policy;

import java.time.Instant;
import java.util.Optional;

/**
 * A span of time.
 *
 * @param from first instant; empty: always was
 * @param until first instant after it; empty: no end
 */
record Validity(Optional<Instant> from, Optional<Instant> until) {
    static final Validity ALWAYS = new Validity(Optional.empty(), Optional.empty());

    boolean contains(Instant at) {
        return from.filter(at::isBefore).isEmpty()
                && until.filter(end -> !at.isBefore(end)).isEmpty();
    }

    /** Whether nothing of the other lies outside. */
    boolean contains(Validity other) {
        boolean early = from.isEmpty()
                || other.from.filter(f -> !f.isBefore(from.get())).isPresent();
        boolean late = until.isEmpty()
                || other.until.filter(u -> !u.isAfter(until.get())).isPresent();
        return early && late;
    }

    boolean endedBefore(Instant at) {
        return until.filter(end -> !at.isBefore(end)).isPresent();
    }

    /** Such as {@code from 2026-01-01T00:00:00Z until 2027-01-01T00:00:00Z}. */
    @Override
    public String toString() {
        String start = from.map(at -> "from " + at).orElse("");
        String end = until.map(at -> "until " + at).orElse("");
        return from.isEmpty() && until.isEmpty() ? "always" : (start + " " + end).strip();
    }
}
