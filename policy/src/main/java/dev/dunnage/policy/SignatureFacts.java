package dev.dunnage.policy;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What verification found out about an image. Signers are fingerprints of keys whose signatures really verified with
 * keys of the site's ring; a signature that proves nothing (by a key that is unknown, expired or revoked, or broken) is no
 * rejection as long as every part has a good one. What such signatures claim can only forbid.
 *
 * @param rejection why the image as a whole must not be trusted (no signature, altered content, bad text ...), one
 *     line; empty when nothing spoke against it
 * @param signersOfEveryGroup fingerprints of the keys that signed every object group: upper-case hex, or {@code SHA256:}
 *     and base64 for PEM keys
 * @param signersOfAnyGroup fingerprints of the keys that signed at least one group; contains the former
 * @param form which signatures were looked at; a rule denies when it wants the other form
 * @param claimed fingerprints that descriptors of signatures claim without proof; anybody could have written them
 */
public record SignatureFacts(
        Optional<String> rejection,
        Set<String> signersOfEveryGroup,
        Set<String> signersOfAnyGroup,
        SignatureForm form,
        Set<String> claimed) {
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
        claimed = Set.copyOf(claimed);
        for (String signer : union(signersOfAnyGroup, claimed)) {
            if (!FINGERPRINT.matcher(signer).matches()) {
                throw new IllegalArgumentException("not an upper-case fingerprint: " + OneLine.of(signer));
            }
        }
        if (!signersOfAnyGroup.containsAll(signersOfEveryGroup)) {
            throw new IllegalArgumentException("a signer of every group must be a signer of any group");
        }
    }

    /** Facts about modern signatures of which each proved something. */
    public SignatureFacts(Optional<String> rejection, Set<String> signersOfEveryGroup, Set<String> signersOfAnyGroup) {
        this(rejection, signersOfEveryGroup, signersOfAnyGroup, SignatureForm.MODERN, Set.of());
    }

    /** Facts about an image whose signatures were not verified. */
    public static SignatureFacts unverified(Set<String> claimed) {
        return new SignatureFacts(
                Optional.of("its signatures were not verified"), Set.of(), Set.of(), SignatureForm.MODERN, claimed);
    }

    /** Keys that signed every group, and in whose name there is no signature that proves nothing. */
    Set<String> undoubtedSigners() {
        Set<String> signers = new HashSet<>(signersOfEveryGroup);
        signers.removeAll(claimed);
        return signers;
    }

    /** Keys that signed or are claimed to have signed some group. */
    Set<String> suspects() {
        return union(signersOfAnyGroup, claimed);
    }

    private static Set<String> union(Set<String> one, Set<String> other) {
        Set<String> all = new HashSet<>(one);
        all.addAll(other);
        return all;
    }
}
