package dev.dunnage.policy;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The rule that applies to one image: a group of the policy file, or one of two built-in rules. */
public final class Rule {
    private final Path file;
    private final String name;
    private final int line;
    private final Verdict verdict;
    private final boolean needsSignature;

    private interface Verdict {
        Decision decide(Rule rule, SignatureFacts facts);
    }

    private Rule(Path file, String name, int line, boolean needsSignature, Verdict verdict) {
        this.file = file;
        this.name = name;
        this.line = line;
        this.needsSignature = needsSignature;
        this.verdict = verdict;
    }

    static Rule ofGroup(Path file, Group group) {
        boolean signed = group.mode() != Mode.OPEN;
        return new Rule(file, group.name(), group.line(), signed, (rule, facts) -> switch (group.mode()) {
            case WHITELIST -> rule.signed(facts, rule::whitelist, group.keys());
            case WHITESTRICT -> rule.signed(facts, rule::whitestrict, group.keys());
            case BLACKLIST -> rule.signed(facts, rule::blacklist, group.keys());
            case OPEN -> rule.untrusted("mode open demands no signature");
        });
    }

    /** For a policy that says {@code activated: false}. */
    static Rule inactive(Path file, int line) {
        return new Rule(
                file,
                "(not activated)",
                line,
                false,
                (rule, facts) -> rule.untrusted("signature checks are switched off by ecl.activated"));
    }

    /** For an image that no group covers. */
    static Rule noGroup(Path file, int line, Path directory) {
        String addition =
                "{name: NAME, mode: whitelist, directory: " + directory + ", keys: [FINGERPRINT]} or mode: open";
        return new Rule(
                file,
                "(no group)",
                line,
                false,
                (rule, facts) -> rule.deny(
                        "no group covers " + directory,
                        "use an image of a covered directory, or have the site add to ecl.groups: - " + addition));
    }

    /** Name of the group, or {@code (no group)} or {@code (not activated)} for the built-in rules. */
    public String name() {
        return name;
    }

    /** 1-based line in the policy file where the group starts; for built-in rules that of the setting they follow from. */
    public int line() {
        return line;
    }

    /** Whether {@link #decide} looks at signatures; false means that verification would be wasted work. */
    public boolean needsSignature() {
        return needsSignature;
    }

    /** Decides; the same facts always give the same decision. */
    public Decision decide(SignatureFacts facts) {
        return verdict.decide(this, facts);
    }

    private interface Mark {
        Decision of(SignatureFacts facts, List<String> keys);
    }

    private Decision signed(SignatureFacts facts, Mark mark, List<String> keys) {
        Optional<String> rejection = facts.rejection();
        if (rejection.isPresent()) {
            return deny(
                    "the image is not properly signed: " + rejection.get(),
                    "have it signed anew by a key that the site accepts");
        }
        return mark.of(facts, keys);
    }

    private Decision whitelist(SignatureFacts facts, List<String> keys) {
        Optional<String> found =
                keys.stream().filter(facts.signersOfEveryGroup()::contains).findFirst();
        if (found.isPresent()) {
            return trusted("every part is signed by the listed key " + found.get());
        }
        return deny(
                "no listed key signed every part of the image (" + signers(facts.signersOfEveryGroup()) + ")",
                "have it signed with " + (keys.size() == 1 ? "key " : "one of the keys ") + join(keys));
    }

    private Decision whitestrict(SignatureFacts facts, List<String> keys) {
        List<String> missing = keys.stream()
                .filter(key -> !facts.signersOfEveryGroup().contains(key))
                .toList();
        if (!keys.isEmpty() && missing.isEmpty()) {
            return trusted("every part is signed by all listed keys " + join(keys));
        }
        return deny(
                "not every listed key signed every part of the image (" + signers(facts.signersOfEveryGroup()) + ")",
                "have it signed with " + join(missing) + " as well");
    }

    private Decision blacklist(SignatureFacts facts, List<String> keys) {
        List<String> forbidden =
                keys.stream().filter(facts.signersOfAnyGroup()::contains).toList();
        if (!forbidden.isEmpty()) {
            return deny(
                    "the image is signed with the forbidden key " + join(forbidden),
                    "have a fresh image made and signed by another key of the site's ring");
        }
        Set<String> signers = facts.signersOfEveryGroup();
        if (signers.isEmpty()) {
            return deny(
                    "no key of the site's ring signed every part of the image",
                    "have it signed by a key of the ring that this group does not forbid");
        }
        return trusted("every part is signed by " + join(signers) + ", which the group does not forbid");
    }

    private Decision trusted(String reason) {
        return new Decision.Allow(name, file, line, reason, true);
    }

    private Decision untrusted(String reason) {
        return new Decision.Allow(name, file, line, reason, false);
    }

    private Decision deny(String reason, String remedy) {
        return new Decision.Deny(name, file, line, reason, remedy);
    }

    private static String signers(Set<String> signers) {
        return signers.isEmpty() ? "no key of the site's ring did" : "signed by " + join(signers);
    }

    private static String join(Collection<String> keys) {
        return keys.stream().sorted().collect(Collectors.joining(", "));
    }
}
