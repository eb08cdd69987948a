package dev.dunnage.policy;

import java.util.List;
import java.util.Locale;

/**
 * What is to be said of one place of a policy.
 *
 * @param severity how bad it is
 * @param problem place and message
 * @param sourceLine the line of the file, safe to print; empty when the file as a whole is meant
 */
public record Remark(Severity severity, Problem problem, String sourceLine) {
    /** Makes the line safe to print. */
    public Remark {
        sourceLine = OneLine.of(sourceLine);
    }

    /** {@code FILE:LINE:COLUMN: error: KEY: MESSAGE}, then the line of the file and a caret under the place, if there is one. */
    public List<String> lines() {
        String place = problem.line() == 0 ? "" : ":" + problem.line() + ":" + problem.column();
        String subject = problem.key().isEmpty() ? "" : problem.key() + ": ";
        String head = OneLine.of(problem.file().toString()) + place + ": "
                + severity.name().toLowerCase(Locale.ROOT) + ": " + subject + problem.message();
        return sourceLine.isEmpty()
                ? List.of(head)
                : List.of(head, "  " + sourceLine, "  " + " ".repeat(Math.max(0, problem.column() - 1)) + "^");
    }
}
