package dev.dunnage.sif.verify;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What was proven about an image. Facts, so that policy can decide.
 *
 * @param signatures one result per signature object, by slot
 * @param signersOfEveryGroup fingerprints of keys that made a good signature over each group of the image
 * @param signersOfAnyGroup fingerprints of keys that made a good signature over at least one group
 * @param rejection why the image does not verify as a whole, one line; empty when it does
 */
public record Verification(
        List<SignatureResult> signatures,
        Set<String> signersOfEveryGroup,
        Set<String> signersOfAnyGroup,
        Optional<String> rejection) {
    /** Copies the collections. */
    public Verification {
        signatures = List.copyOf(signatures);
        signersOfEveryGroup = Collections.unmodifiableSet(new TreeSet<>(signersOfEveryGroup));
        signersOfAnyGroup = Collections.unmodifiableSet(new TreeSet<>(signersOfAnyGroup));
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
