package dev.dunnage.policy;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/** The rule that applies to one image: a rule or group of the policy file, or a built-in rule. */
public final class Rule {
    private final RuleEntry entry;
    private final DeniedKeys denied;
    private final Instant at;

    /**
     * Makes the rule.
     *
     * @param at when keys must count
     */
    Rule(RuleEntry entry, DeniedKeys denied, Instant at) {
        this.entry = entry;
        this.denied = denied;
        this.at = at;
    }

    static Rule ofGroup(Path file, Group group) {
        return new Rule(group.entry(file, SignatureForm.MODERN, false), DeniedKeys.NONE, Instant.EPOCH);
    }

    /** For an entry that fits as far as is known: a later one could be laxer, so nothing but a refusal is safe. */
    static RuleEntry undecidable(RuleEntry entry, Match match) {
        return refusing(
                entry, match.why(), "run it where that is known, or have the site put a rule without it before this");
    }

    private static RuleEntry refusing(RuleEntry entry, String reason, String remedy) {
        return new RuleEntry(
                entry.file(),
                entry.name(),
                entry.line(),
                entry.column(),
                List.of(),
                Validity.ALWAYS,
                new Requirement.Never(reason, remedy),
                entry.grants());
    }

    /** Name of the rule or group, or {@code (no rule)}, {@code (no group)} or {@code (not activated)} for built-in ones. */
    public String name() {
        return entry.name();
    }

    /** The file that the rule stands in. */
    public Path file() {
        return entry.file();
    }

    /** 1-based line in that file where the rule starts; for built-in rules that of the setting they follow from. */
    public int line() {
        return entry.line();
    }

    /** What {@link #decide} looks at; anything beyond would be wasted work. */
    public Look look() {
        if (entry.requirement() instanceof Requirement.Signed) {
            return Look.VERIFICATION;
        }
        if (entry.requirement() instanceof Requirement.Never || denied.entries().isEmpty()) {
            return Look.NOTHING;
        }
        return denied.areClaimed() ? Look.CLAIMS : Look.VERIFICATION;
    }

    /** Whether only an image with good signatures is allowed, so that it must not change between check and use. */
    public boolean demandsSignature() {
        return entry.requirement() instanceof Requirement.Signed;
    }

    /** Which signatures {@link #decide} counts: facts of the other form make it deny. */
    public SignatureForm signatureForm() {
        return entry.requirement() instanceof Requirement.Signed signed ? signed.form() : SignatureForm.MODERN;
    }

    /** What the rule grants beside running; means nothing when the decision is a denial. */
    public Grants grants() {
        return entry.grants();
    }

    /** Decides; the same facts always give the same decision. A denied key outweighs the rule. */
    public Decision decide(SignatureFacts facts) {
        return denied.decide(facts).orElseGet(() -> byRequirement(facts));
    }

    private Decision byRequirement(SignatureFacts facts) {
        Outcome outcome = entry.requirement().judge(facts, at);
        if (outcome instanceof Outcome.Accepted accepted) {
            return new Decision.Allow(name(), file(), line(), accepted.reason(), accepted.trusted());
        }
        String remedy = outcome instanceof Outcome.Refused refused ? refused.remedy() : "";
        return new Decision.Deny(name(), file(), line(), outcome.reason(), remedy);
    }
}
