package dev.dunnage.sif.verify;

import dev.dunnage.sif.key.KeyFacts;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Outcome for one signature object.
 *
 * @param objectId id of the signature object
 * @param claimedFingerprint 40 upper-case hex digits from the unsigned descriptor, or empty; a claim unless GOOD
 * @param signer facts of the ring's key with that fingerprint; for DSSE, of the key that made it
 * @param created when the signature says it was made
 * @param reason one line: cause, and remedy where there is one; empty when GOOD
 * @param objects ids of the objects that the signature proved, ascending; empty unless GOOD
 */
public record SignatureResult(
        long objectId,
        String claimedFingerprint,
        Optional<KeyFacts> signer,
        Optional<Instant> created,
        SignatureStatus status,
        String reason,
        List<Long> objects) {
    /** Copies the list. */
    public SignatureResult {
        objects = List.copyOf(objects);
    }

    /** Whether the signature proved what it states. */
    public boolean good() {
        return status == SignatureStatus.GOOD;
    }

    SignatureResult with(SignatureStatus newStatus, String newReason, List<Long> newObjects) {
        return new SignatureResult(objectId, claimedFingerprint, signer, created, newStatus, newReason, newObjects);
    }
}
