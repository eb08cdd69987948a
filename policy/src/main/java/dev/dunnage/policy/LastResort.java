package dev.dunnage.policy;

import java.nio.file.Path;
import java.util.List;

/**
 * What decides when no rule and no group fits.
 *
 * @param line 1-based line of the setting that the answer follows from
 * @param column 1-based column of its value
 * @param allows whether signature checks are switched off
 * @param hint how a refusal tells to add a rule
 */
record LastResort(Path file, int line, int column, boolean allows, Hint hint) {

    /** The form of the policy that the site uses. */
    enum Hint {
        GROUP,
        EXECGROUP,
        RULE
    }

    RuleEntry entry(Path image) {
        if (allows) {
            String setting = hint == Hint.EXECGROUP ? "activated" : "ecl.activated";
            return entry("(not activated)", new Requirement.Open("signature checks are switched off by " + setting));
        }
        Path parent = image.getParent();
        Path directory = parent == null ? image : parent;
        return hint == Hint.RULE
                ? entry("(no rule)", new Requirement.Never("no rule fits", remedy(directory)))
                : entry("(no group)", new Requirement.Never("no group covers " + directory, remedy(directory)));
    }

    private RuleEntry entry(String name, Requirement requirement) {
        return new RuleEntry(file, name, line, column, List.of(), Validity.ALWAYS, requirement, Grants.defaults());
    }

    private String remedy(Path directory) {
        return switch (hint) {
            case GROUP ->
                "use an image of a covered directory, or have the site add to ecl.groups: - {name: NAME, mode: whitelist,"
                        + " directory: " + directory + ", keys: [FINGERPRINT]} or mode: open";
            case EXECGROUP ->
                "use an image of a covered directory, or have the site add: [[execgroup]] with mode = \"whitelist\","
                        + " dirpath = \"" + directory + "\", keyfp = [\"FINGERPRINT\"]";
            case RULE ->
                "have the site add to rules: - {name: NAME, match: {path: " + directory
                        + "}, mode: whitelist, keys: [FINGERPRINT]} or mode: open";
        };
    }
}
