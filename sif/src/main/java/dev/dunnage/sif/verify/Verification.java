package dev.dunnage.sif.verify;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What was proven about an image. Facts, so that policy can decide.
 *
 * @param signatures one result per signature object, by slot
 * @param signersOfEveryGroup fingerprints of keys that made a good signature over each group of the image
 * @param signersOfAnyGroup fingerprints of keys that made a good signature over at least one group
 * @param rejection why the image does not verify as a whole, one line; empty when it does
 * @param objection the same for somebody who passes over signatures that prove nothing ({@link
 *     SignatureStatus#provesNothing()}) as long as each group has a good one; empty whenever {@code rejection} is
 * @param claimed fingerprints that signatures of some group claim without proving it: enough to forbid, never to allow
 */
public record Verification(
        List<SignatureResult> signatures,
        Set<String> signersOfEveryGroup,
        Set<String> signersOfAnyGroup,
        Optional<String> rejection,
        Optional<String> objection,
        Set<String> claimed) {
    /** Copies the collections. */
    public Verification {
        signatures = List.copyOf(signatures);
        signersOfEveryGroup = Collections.unmodifiableSet(new TreeSet<>(signersOfEveryGroup));
        signersOfAnyGroup = Collections.unmodifiableSet(new TreeSet<>(signersOfAnyGroup));
        claimed = Collections.unmodifiableSet(new TreeSet<>(claimed));
    }

    /** An image of which nothing was looked at. */
    static Verification refused(String reason) {
        return new Verification(List.of(), Set.of(), Set.of(), Optional.of(reason), Optional.of(reason), Set.of());
    }

    /** What those claim who did not prove it. */
    static Set<String> claims(List<SignatureResult> signatures) {
        return signatures.stream()
                .filter(each -> !each.good() && each.status() != SignatureStatus.UNLINKED)
                .map(SignatureResult::claimedFingerprint)
                .filter(claim -> !claim.isEmpty())
                .collect(Collectors.toSet());
    }

    /** Whether every group is signed, every signature is good, and nothing stands outside of the groups. */
    public boolean accepted() {
        return rejection.isEmpty();
    }

    /** Throws the rejection, if there is one. */
    public void orThrow() throws VerificationException {
        if (rejection.isPresent()) {
            throw new VerificationException(rejection.get());
        }
    }
}
