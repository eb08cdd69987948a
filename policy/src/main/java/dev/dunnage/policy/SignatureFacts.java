package dev.dunnage.policy;

import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What verification found out about an image. Signers are fingerprints of keys whose signatures really verified with
 * keys of the site's ring, never the claims in a descriptor. A signature by a key outside the ring proves nothing and
 * forbids nothing: it is no rejection.
 *
 * @param rejection why the image as a whole must not be trusted (no signature, altered content, bad text ...), one
 *     line; empty when nothing spoke against it
 * @param signersOfEveryGroup fingerprints of the keys that signed every object group: upper-case hex, or {@code SHA256:}
 *     and base64 for PEM keys
 * @param signersOfAnyGroup fingerprints of the keys that signed at least one group; contains the former
 * @param form which signatures were looked at; a rule denies when it wants the other form
 */
public record SignatureFacts(
        Optional<String> rejection,
        Set<String> signersOfEveryGroup,
        Set<String> signersOfAnyGroup,
        SignatureForm form) {
    /** 20 bytes for OpenPGP version 4 keys, 32 for version 6, which cannot be listed in a policy yet. */
    private static final Pattern FINGERPRINT =
            Pattern.compile("[0-9A-F]{40}(?:[0-9A-F]{24})?|SHA256:[A-Za-z0-9+/]{43}");

    /**
     * Copies the sets.
     *
     * @throws IllegalArgumentException on a text that is no fingerprint, or a signer of every group that is missing from
     *     the signers of any group: both would make a rule decide on something else than it says
     */
    public SignatureFacts {
        signersOfEveryGroup = Set.copyOf(signersOfEveryGroup);
        signersOfAnyGroup = Set.copyOf(signersOfAnyGroup);
        for (String signer : signersOfAnyGroup) {
            if (!FINGERPRINT.matcher(signer).matches()) {
                throw new IllegalArgumentException("not an upper-case fingerprint: " + OneLine.of(signer));
            }
        }
        if (!signersOfAnyGroup.containsAll(signersOfEveryGroup)) {
            throw new IllegalArgumentException("a signer of every group must be a signer of any group");
        }
    }

    /** Facts about modern signatures. */
    public SignatureFacts(Optional<String> rejection, Set<String> signersOfEveryGroup, Set<String> signersOfAnyGroup) {
        this(rejection, signersOfEveryGroup, signersOfAnyGroup, SignatureForm.MODERN);
    }
}
