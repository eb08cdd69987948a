package dev.dunnage.policy;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/** Reads {@code from} and {@code until}: a day in UTC, both included, or a moment. */
final class DateReader {
    static final List<String> KEYS = List.of("from", "until");
    private static final int DAY = "2026-12-31".length();

    private DateReader() {}

    static Validity read(Section section, Findings findings) {
        Optional<Instant> from = section.node("from").flatMap(node -> moment(node, findings, 0));
        Optional<Node> end = section.node("until");
        Optional<Instant> until = end.flatMap(node -> moment(node, findings, 1));
        if (from.isPresent() && until.isPresent() && !from.get().isBefore(until.get())) {
            end.ifPresent(node -> findings.add(node, "lies before 'from': exchange the two"));
        }
        return new Validity(from, until);
    }

    /** A moment; of a day its first, or with 1 the first of the next. */
    static Optional<Instant> moment(Node node, Findings findings, int days) {
        Optional<String> text = Section.text(node, findings).map(Node.Scalar::text);
        try {
            return text.map(t -> moment(t, days));
        } catch (DateTimeException e) {
            findings.add(node, "'" + text.orElse("") + "' is no date: write 2026-12-31 or 2026-12-31T12:00:00Z");
            return Optional.empty();
        }
    }

    private static Instant moment(String text, int days) {
        return text.length() == DAY
                ? LocalDate.parse(text)
                        .plusDays(days)
                        .atStartOfDay(ZoneOffset.UTC)
                        .toInstant()
                : OffsetDateTime.parse(text).toInstant();
    }
}
