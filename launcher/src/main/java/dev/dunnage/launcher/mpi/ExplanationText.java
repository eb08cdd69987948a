package dev.dunnage.launcher.mpi;

import dev.dunnage.mpi.explain.Assessment;
import dev.dunnage.mpi.explain.Explanation;
import dev.dunnage.mpi.explain.Rule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** An explanation for people and for programs. */
public final class ExplanationText {
    private ExplanationText() {}

    /** Members of a JSON object; {@code docs/json.md} has the shapes. */
    public static Map<String, Object> members(Explanation explanation, String source) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("choice", explanation.choice());
        members.put("runnable", explanation.runnable());
        members.put("pmi", explanation.pmi());
        members.put("reason", explanation.reason());
        members.put("host-facts", source);
        members.put(
                "ways", explanation.ways().stream().map(ExplanationText::way).toList());
        members.put(
                "transport",
                explanation.transport().stream().map(ExplanationText::rule).toList());
        return members;
    }

    private static Map<String, Object> way(Assessment assessment) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("way", assessment.way().text());
        members.put("fits", assessment.fits());
        members.put(
                "rules", assessment.rules().stream().map(ExplanationText::rule).toList());
        return members;
    }

    private static Map<String, Object> rule(Rule rule) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("rule", rule.name());
        members.put("outcome", rule.outcome().name().toLowerCase(Locale.ROOT));
        members.put("text", rule.text());
        return members;
    }

    /** Lines for a terminal; not yet rid of what terminals should not see. */
    public static List<String> lines(Explanation explanation, String source) {
        List<String> lines = new ArrayList<>();
        lines.add("choice: " + explanation.choice() + " (--mpi=" + explanation.pmi() + ")");
        lines.add("  " + explanation.reason());
        lines.add("nodes: " + source);
        for (Assessment assessment : explanation.ways()) {
            lines.add(assessment.way().text() + ": " + (assessment.fits() ? "fits" : "does not fit"));
            assessment.rules().forEach(rule -> lines.add("  " + mark(rule) + " " + rule.name() + ": " + rule.text()));
        }
        lines.add("transport:");
        explanation.transport().forEach(rule -> lines.add("  " + mark(rule) + " " + rule.name() + ": " + rule.text()));
        return lines;
    }

    private static String mark(Rule rule) {
        return switch (rule.outcome()) {
            case HOLDS -> "+";
            case FAILS -> "-";
            case OPEN -> "o";
        };
    }
}
