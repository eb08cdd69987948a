package dev.dunnage.policy;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Warnings that follow from what the rules mean together. */
final class RuleDoubts {
    private final Doubts doubts;
    private final Instant at;

    RuleDoubts(Doubts doubts, Instant at) {
        this.doubts = doubts;
        this.at = at;
    }

    void check(Policy policy) {
        List<RuleEntry> entries = policy.entries();
        for (int i = 0; i < entries.size(); i++) {
            RuleEntry entry = entries.get(i);
            hidden(entry, entries.subList(0, i));
            checkAlone(entry);
        }
        LastResort last = policy.lastResort();
        if (last.allows()) {
            doubts.add(
                    last.file(),
                    last.line(),
                    last.column(),
                    "",
                    "signature checks are switched off: every image that no rule fits runs, untrusted");
        }
    }

    private void hidden(RuleEntry entry, List<RuleEntry> earlier) {
        earlier.stream()
                .filter(each -> each.hides(entry))
                .findFirst()
                .ifPresent(wide -> add(
                        entry,
                        "rule '" + entry.name() + "' never decides: rule '" + wide.name() + "' (" + wide.file() + ":"
                                + wide.line() + ") comes first and fits whatever this one does"));
    }

    private void checkAlone(RuleEntry entry) {
        if (entry.validity().endedBefore(at)) {
            add(entry, "rule '" + entry.name() + "' has ended: it held " + entry.validity());
        }
        boolean claims = entry.conditions().stream().anyMatch(LabelCondition.class::isInstance);
        if (claims && entry.requirement() instanceof Requirement.Open) {
            add(
                    entry,
                    "rule '" + entry.name() + "' allows by labels, which anybody can write into an image:"
                            + " demand a signature");
        }
        if (entry.requirement() instanceof Requirement.Never
                && entry.conditions().stream().anyMatch(SourceCondition.class::isInstance)) {
            add(
                    entry,
                    "rule '" + entry.name()
                            + "' denies by source, and a user who pulls the image to a file passes by it:"
                            + " deny its digest or its signer");
        }
        if (entry.requirement() instanceof Requirement.Signed signed) {
            checkDemands(entry, signed);
        }
        if (entry.grants().confines() && entry.grants().grantsSlurmCommands()) {
            add(
                    entry,
                    "rule '" + entry.name() + "' confines steps and grants Slurm's commands, which run on the node"
                            + " outside of that, with whatever they start: take slurm-commands out");
        }
        Set<String> root = new TreeSet<>();
        entry.grants().capabilities().forEach(grant -> root.addAll(grant.capabilities()));
        root.retainAll(Capability.AS_GOOD_AS_ROOT);
        if (!root.isEmpty()) {
            add(
                    entry,
                    "rule '" + entry.name() + "' grants " + String.join(", ", root)
                            + ", which is enough to become root on the node");
        }
    }

    private void checkDemands(RuleEntry entry, Requirement.Signed signed) {
        if (signed.demands().stream().allMatch(Demand.NoneOf.class::isInstance)) {
            add(
                    entry,
                    "rule '" + entry.name() + "' only forbids keys, and a signature can be taken out of a copy of an"
                            + " image: prefer a list of keys that must have signed");
        }
        if (signed.form() == SignatureForm.LEGACY) {
            add(
                    entry,
                    "rule '" + entry.name()
                            + "' counts legacy signatures, which do not cover header, labels and further"
                            + " partitions: have the images signed anew");
        }
    }

    private void add(RuleEntry entry, String message) {
        doubts.add(entry.file(), entry.line(), entry.column(), "", message);
    }
}
