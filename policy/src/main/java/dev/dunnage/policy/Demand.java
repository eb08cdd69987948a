package dev.dunnage.policy;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What listed keys must have signed, or must not. Judged only when nothing speaks against the image as a whole. */
sealed interface Demand {
    List<ListedKey> keys();

    Outcome judge(SignatureFacts facts, Instant at);

    /** At least one listed key signed every group of the image. */
    record AnyOf(List<ListedKey> keys) implements Demand {
        @Override
        public Outcome judge(SignatureFacts facts, Instant at) {
            List<String> usable = ListedKey.usable(keys, at);
            Set<String> signers = facts.undoubtedSigners();
            return usable.stream()
                    .filter(signers::contains)
                    .findFirst()
                    .<Outcome>map(key -> new Outcome.Accepted("every part is signed by the listed key " + key, true))
                    .orElseGet(() -> new Outcome.Refused(
                            "no listed key signed every part of the image (" + signers(signers)
                                    + outdated(keys, at, signers) + ")",
                            remedy(usable)));
        }

        private static String remedy(List<String> usable) {
            if (usable.isEmpty()) {
                return "no listed key counts at this time: have the site list another";
            }
            return "have it signed with " + (usable.size() == 1 ? "key " : "one of the keys ") + join(usable);
        }
    }

    /** Every listed key signed every group. */
    record AllOf(List<ListedKey> keys) implements Demand {
        @Override
        public Outcome judge(SignatureFacts facts, Instant at) {
            List<String> usable = ListedKey.usable(keys, at);
            Set<String> signers = facts.undoubtedSigners();
            List<String> late = ListedKey.fingerprints(keys).stream()
                    .filter(key -> !usable.contains(key))
                    .toList();
            if (!late.isEmpty()) {
                return new Outcome.Refused(
                        "all listed keys must have signed, and " + join(late) + " does not count at this time",
                        "have the site take the key off the list or extend its dates");
            }
            List<String> missing =
                    usable.stream().filter(key -> !signers.contains(key)).toList();
            if (!usable.isEmpty() && missing.isEmpty()) {
                return new Outcome.Accepted("every part is signed by all listed keys " + join(usable), true);
            }
            return new Outcome.Refused(
                    "not every listed key signed every part of the image (" + signers(signers) + ")",
                    "have it signed with " + join(missing) + " as well");
        }
    }

    /** At least so many of the listed keys signed every group. */
    record AtLeast(int count, List<ListedKey> keys) implements Demand {
        @Override
        public Outcome judge(SignatureFacts facts, Instant at) {
            List<String> usable = ListedKey.usable(keys, at);
            Set<String> signers = facts.undoubtedSigners();
            List<String> good = usable.stream().filter(signers::contains).toList();
            if (good.size() >= count) {
                return new Outcome.Accepted(
                        "every part is signed by " + good.size() + " listed keys, " + count + " are needed: "
                                + join(good),
                        true);
            }
            List<String> others =
                    usable.stream().filter(key -> !signers.contains(key)).toList();
            return new Outcome.Refused(
                    good.size() + " of the listed keys signed every part of the image, " + count + " are needed ("
                            + signers(signers) + outdated(keys, at, signers) + ")",
                    others.isEmpty()
                            ? "too few listed keys count at this time: have the site list more"
                            : "have it signed with " + (count - good.size()) + " more of " + join(others));
        }
    }

    /**
     * No listed key signed or claims to have signed any group, and some key of the ring signed every group. Signatures of the legacy form only
     * forbid: one by a key outside the ring is enough then, and gains no trust.
     */
    record NoneOf(List<ListedKey> keys) implements Demand {
        @Override
        public Outcome judge(SignatureFacts facts, Instant at) {
            List<String> forbidden = ListedKey.fingerprints(keys).stream()
                    .filter(facts.suspects()::contains)
                    .toList();
            if (!forbidden.isEmpty()) {
                return new Outcome.Refused(
                        "the image is signed with the forbidden key " + join(forbidden),
                        "have a fresh image made and signed by another key of the site's ring");
            }
            Set<String> signers = facts.signersOfEveryGroup();
            if (!signers.isEmpty()) {
                return new Outcome.Accepted(
                        "every part is signed by " + join(signers) + ", which the group does not forbid", true);
            }
            if (facts.form() == SignatureForm.LEGACY) {
                return new Outcome.Accepted("it has a legacy signature, and none by a forbidden key", false);
            }
            return new Outcome.Refused(
                    "no key of the site's ring signed every part of the image",
                    "have it signed by a key of the ring that this group does not forbid");
        }
    }

    /** Names listed keys that signed but whose dates are over or not yet come. */
    private static String outdated(List<ListedKey> keys, Instant at, Set<String> signers) {
        String late = keys.stream()
                .filter(key ->
                        signers.contains(key.fingerprint()) && !key.validity().contains(at))
                .map(key -> key.fingerprint() + " counts " + key.validity() + " only")
                .sorted()
                .collect(Collectors.joining(", "));
        return late.isEmpty() ? "" : "; " + late;
    }

    private static String signers(Set<String> signers) {
        return signers.isEmpty() ? "no key of the site's ring did" : "signed by " + join(signers);
    }

    /** Sorted, so that messages do not depend on the order of sets. */
    private static String join(Collection<String> keys) {
        return keys.stream().sorted().collect(Collectors.joining(", "));
    }
}
