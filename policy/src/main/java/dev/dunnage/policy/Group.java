package dev.dunnage.policy;

import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/**
 * One entry of {@code ecl.groups}, or one {@code execgroup} of Apptainer's file.
 *
 * @param line 1-based line of its first key
 * @param column 1-based column of its first key
 * @param directory clean absolute path; empty for the group of all other directories
 * @param keys upper-case fingerprints in the order of the file; empty exactly in the open mode
 */
record Group(String name, int line, int column, Mode mode, Optional<Path> directory, List<String> keys) {
    Group {
        keys = List.copyOf(new LinkedHashSet<>(keys));
    }

    /** More components mean a more specific directory; the group without one comes last. */
    int depth() {
        return directory.map(Path::getNameCount).orElse(-1);
    }

    /**
     * The group as a rule.
     *
     * @param direct whether it covers files directly in its directory only, as Apptainer has it
     */
    RuleEntry entry(Path file, SignatureForm form, boolean direct) {
        PathCondition.Extent extent = direct ? PathCondition.Extent.DIRECTLY_IN : PathCondition.Extent.BENEATH;
        List<Condition> conditions = directory
                .<List<Condition>>map(path -> List.of(new PathCondition(List.of(path), extent)))
                .orElse(List.of());
        return new RuleEntry(
                file,
                name,
                line,
                column,
                conditions,
                Validity.ALWAYS,
                Requirement.of(mode, ListedKey.always(keys), form),
                mode == Mode.WHITESTRICT ? Grants.strictDefaults() : Grants.defaults());
    }
}
