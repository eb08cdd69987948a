package dev.dunnage.policy;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/** A policy file that was read without a finding. Immutable. */
public final class Policy {
    private final Path file;
    private final boolean activated;
    private final int line;
    private final List<Group> groups;

    /**
     * Makes the policy.
     *
     * @param line 1-based line that built-in rules point to
     */
    Policy(Path file, boolean activated, int line, List<Group> groups) {
        this.file = file;
        this.activated = activated;
        this.line = line;
        this.groups = groups.stream()
                .sorted(Comparator.comparingInt(Group::depth).reversed())
                .toList();
    }

    /**
     * The rule of an image: the group with the most specific directory above it, else the group without a directory, else
     * a built-in rule that denies. With {@code activated: false} always a built-in rule that allows without trust.
     *
     * @param resolvedImage absolute path without symbolic links, as the kernel tells it for the open image; a relative
     *     path or one with {@code ..} is covered by no group
     */
    public Rule ruleFor(Path resolvedImage) {
        if (!activated) {
            return Rule.inactive(file, line);
        }
        boolean usable = resolvedImage.isAbsolute() && resolvedImage.equals(resolvedImage.normalize());
        return groups.stream()
                .filter(group -> usable && group.covers(resolvedImage))
                .findFirst()
                .map(group -> Rule.ofGroup(file, group))
                .orElseGet(() -> Rule.noGroup(file, line, directoryOf(resolvedImage)));
    }

    /** The file that the policy was read from. */
    public Path file() {
        return file;
    }

    /** One line for status reports, such as {@code /etc/dunnage/policy.yaml: active, 3 groups}. */
    public String summary() {
        String state = activated ? "active" : "switched off, every image runs untrusted";
        return file + ": " + state + ", " + groups.size() + (groups.size() == 1 ? " group" : " groups");
    }

    private static Path directoryOf(Path image) {
        Path parent = image.getParent();
        return parent == null ? image : parent;
    }
}
