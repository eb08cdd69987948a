package dev.dunnage.policy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Rewrites Apptainer's {@code ecl.toml} as a policy that decides the same. */
public final class EclImport {
    private final OwnershipRule rule;

    /**
     * Makes the converter.
     *
     * @param rule who may own the file that is read
     */
    public EclImport(OwnershipRule rule) {
        this.rule = rule;
    }

    /**
     * The text of a {@code policy.yaml}.
     *
     * @throws SiteFileException as {@link EclLoader#load} does
     */
    public String toPolicy(Path file) throws SiteFileException {
        EclFile ecl = EclFile.load(file, rule);
        List<String> out = new ArrayList<>();
        out.add("# Rewritten from " + OneLine.of(file.toString()));
        out.add("version: 1");
        if (!ecl.isActive()) {
            out.add(
                    "ecl: {activated: false} # checks nothing; to put the rules in force, take out this line and the marks below");
        }
        out.addAll(commentedUnless(ecl.isActive(), rules(ecl)));
        return String.join("\n", out) + "\n";
    }

    private static List<String> rules(EclFile ecl) {
        List<String> lines = new ArrayList<>();
        Set<String> names = new HashSet<>();
        PolicyAssembly.bySpecificity(ecl.groups()).forEach(group -> lines.addAll(rule(group, ecl.legacy(), names)));
        lines.add(0, lines.isEmpty() ? "rules: [] # no image may run" : "rules:");
        return lines;
    }

    private static List<String> rule(Group group, boolean legacy, Set<String> names) {
        List<String> lines = new ArrayList<>();
        lines.add("  - name: " + quoted(unique(group.name(), names)));
        // As there, files directly in the directory; path instead of parent would mean everything beneath.
        group.directory().ifPresent(path -> lines.add("    match: {parent: " + quoted(path.toString()) + "}"));
        if (legacy) {
            lines.add("    legacy-signatures: true");
        }
        lines.add("    mode: " + group.mode().text());
        lines.add("    keys:");
        group.keys().forEach(key -> lines.add("      - " + quoted(key)));
        return lines;
    }

    private static String unique(String name, Set<String> names) {
        String free = name;
        for (int count = 2; !names.add(free); count++) {
            free = name + " (" + count + ")";
        }
        return free;
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    private static List<String> commentedUnless(boolean active, List<String> lines) {
        return active ? lines : lines.stream().map(line -> "# " + line).toList();
    }
}
