package dev.dunnage.launcher.mpi;

import dev.dunnage.launcher.gpu.GpuState;
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
    public static Map<String, Object> members(
            Explanation explanation, String source, List<GpuState> gpus, List<Rule> required) {
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
        members.put("gpus", gpus.stream().map(ExplanationText::gpu).toList());
        members.put("required", required.stream().map(ExplanationText::rule).toList());
        return members;
    }

    private static Map<String, Object> gpu(GpuState gpu) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("maker", gpu.maker().shown());
        members.put("driver", gpu.driver());
        members.put("module", gpu.module());
        members.put("library", gpu.library());
        members.put("devices", gpu.devices());
        members.put("trouble", gpu.trouble());
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
    public static List<String> lines(Explanation explanation, String source, List<GpuState> gpus, List<Rule> required) {
        List<String> lines = new ArrayList<>();
        lines.add("choice: " + explanation.choice() + " (--mpi=" + explanation.pmi() + ")");
        lines.add("  " + explanation.reason());
        lines.add("nodes: " + source);
        for (Assessment assessment : explanation.ways()) {
            lines.add(assessment.way().text() + ": " + (assessment.fits() ? "fits" : "does not fit"));
            assessment.rules().forEach(rule -> lines.add(line(rule)));
        }
        lines.add("transport:");
        explanation.transport().forEach(rule -> lines.add(line(rule)));
        lines.add(gpus.isEmpty() ? "GPU of this machine: none" : "GPU of this machine:");
        gpus.forEach(gpu -> lines.add(line(gpu)));
        if (!required.isEmpty()) {
            lines.add("required transport:");
            required.forEach(rule -> lines.add(line(rule)));
        }
        return lines;
    }

    private static String line(Rule rule) {
        return "  " + mark(rule) + " " + rule.name() + ": " + rule.text();
    }

    private static String line(GpuState gpu) {
        int count = gpu.devices().size();
        return "  " + (gpu.trouble().isEmpty() ? "+ " : "- ") + gpu.maker().shown() + ": " + count
                + (count == 1 ? " device, " : " devices, ") + "driver " + gpu.driver()
                + gpu.module().map(version -> " " + version).orElse("")
                + gpu.library().map(version -> ", libcuda.so.1 " + version).orElse("")
                + gpu.trouble().map(trouble -> "; " + trouble).orElse("");
    }

    private static String mark(Rule rule) {
        return switch (rule.outcome()) {
            case HOLDS -> "+";
            case FAILS -> "-";
            case OPEN -> "o";
        };
    }
}
