package dev.dunnage.policy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What came of one case of {@link PolicyTests}.
 *
 * @param file file of the case
 * @param line 1-based line where it starts
 * @param name its name
 * @param complaints what is not as expected, one line each; empty when all is
 * @param explanation how the decision came about
 */
public record CaseResult(Path file, int line, String name, List<String> complaints, Explanation explanation) {
    /** Copies the list. */
    public CaseResult {
        complaints = complaints.stream().map(OneLine::of).toList();
    }

    /** Whether all is as expected. */
    public boolean passed() {
        return complaints.isEmpty();
    }

    /** {@code FILE:LINE: ok: NAME}, or {@code FAILED}, the complaints and the explanation. */
    public List<String> lines() {
        String head =
                OneLine.of(file.toString()) + ":" + line + ": " + (passed() ? "ok: " : "FAILED: ") + OneLine.of(name);
        List<String> lines = new ArrayList<>(List.of(head));
        if (!passed()) {
            complaints.forEach(complaint -> lines.add("  " + complaint));
            explanation.lines().forEach(each -> lines.add("    " + each));
        }
        return lines;
    }
}
