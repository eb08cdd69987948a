package dev.dunnage.policy;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** A policy that was read without a finding. Immutable. */
public final class Policy {
    private final Path file;
    private final List<Path> files;
    private final List<RuleEntry> entries;
    private final DeniedKeys denied;
    private final LastResort lastResort;
    private final String contents;

    /**
     * Makes the policy.
     *
     * @param files every file that was read, the main one first
     * @param entries in the order in which they are looked at
     * @param contents such as {@code 3 groups}
     */
    Policy(List<Path> files, List<RuleEntry> entries, DeniedKeys denied, LastResort lastResort, String contents) {
        this.file = files.get(0);
        this.files = List.copyOf(files);
        this.entries = List.copyOf(entries);
        this.denied = denied;
        this.lastResort = lastResort;
        this.contents = contents;
    }

    /**
     * The rule of an image: the first of {@code rules} that fits; else the group with the most specific directory above
     * it, else the group without a directory; else a built-in rule that denies, or allows without trust when the site
     * switched checks off. An image with a relative path or one with {@code ..} fits none.
     *
     * @param at when rules and keys must be in force, usually now
     */
    public Rule ruleFor(Subject subject, ImageFacts image, Instant at) {
        return new Rule(decider(subject, image, at), denied, at);
    }

    /**
     * The facts for want of which {@link #ruleFor} refuses; empty when all that matter are known. A caller that can find
     * one of them out asks again with it.
     */
    public Set<Need> missing(Subject subject, ImageFacts image, Instant at) {
        for (RuleEntry entry : isUsable(image.path()) ? entries : List.<RuleEntry>of()) {
            Match match = entry.match(subject, image, at);
            if (match.is(Match.Answer.YES)) {
                return Set.of();
            }
            if (match.is(Match.Answer.UNKNOWN)) {
                return entry.missing(subject, image);
            }
        }
        return Set.of();
    }

    private RuleEntry decider(Subject subject, ImageFacts image, Instant at) {
        for (RuleEntry entry : isUsable(image.path()) ? entries : List.<RuleEntry>of()) {
            Match match = entry.match(subject, image, at);
            if (match.is(Match.Answer.YES)) {
                return entry;
            }
            if (match.is(Match.Answer.UNKNOWN)) {
                return Rule.undecidable(entry, match);
            }
        }
        return lastResort.entry(image.path());
    }

    /** Decides as {@link #ruleFor(Subject, ImageFacts, Instant)} would, and tells of every rule why it fits or not. */
    public Explanation explain(Subject subject, ImageFacts image, SignatureFacts signatures, Instant at) {
        List<Considered> considered = new ArrayList<>();
        denied.considered(signatures).ifPresent(considered::add);
        boolean open = denied.decide(signatures).isEmpty();
        for (RuleEntry entry : entries) {
            Match match = isUsable(image.path())
                    ? entry.match(subject, image, at)
                    : Match.no("the image's path is not absolute and clean");
            Considered.Result result = result(match, open);
            considered.add(new Considered(entry.name(), entry.file(), entry.line(), result, match.why()));
            open = open && result == Considered.Result.DID_NOT_FIT;
        }
        Rule rule = ruleFor(subject, image, at);
        return new Explanation(considered, rule.decide(signatures), rule.grants());
    }

    private static Considered.Result result(Match match, boolean open) {
        return switch (match.answer()) {
            case YES -> open ? Considered.Result.DECIDED : Considered.Result.TOO_LATE;
            case UNKNOWN -> open ? Considered.Result.NOT_KNOWN : Considered.Result.NOT_REACHED;
            case NO -> open ? Considered.Result.DID_NOT_FIT : Considered.Result.NOT_REACHED;
        };
    }

    private static boolean isUsable(Path image) {
        return image.isAbsolute() && image.equals(image.normalize());
    }

    /** The file that the policy was read from. */
    public Path file() {
        return file;
    }

    /** Every file that was read, {@link #file()} first: a change of any is a change of the policy. */
    public List<Path> files() {
        return files;
    }

    /** The facts that rules look at and that a caller need not find out when no rule does. */
    public Set<Need> needs() {
        EnumSet<Need> needs = EnumSet.noneOf(Need.class);
        for (RuleEntry entry : entries) {
            entry.conditions().forEach(condition -> needs.addAll(condition.needs()));
            entry.grants().capabilities().forEach(grant -> needs.addAll(grant.needs()));
        }
        return Set.copyOf(needs);
    }

    /** Names of the site's networks that some rule grants. */
    public Set<String> networks() {
        Set<String> networks = new TreeSet<>();
        entries.forEach(entry -> networks.addAll(entry.grants().network().siteNetworks()));
        return networks;
    }

    /** One line for status reports, such as {@code /etc/dunnage/policy.yaml: active, 3 groups}. */
    public String summary() {
        String state = lastResort.allows() ? "switched off, every image runs untrusted" : "active";
        return file + ": " + state + ", " + contents;
    }

    List<RuleEntry> entries() {
        return entries;
    }

    DeniedKeys denied() {
        return denied;
    }

    LastResort lastResort() {
        return lastResort;
    }
}
