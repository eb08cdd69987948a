package dev.dunnage.sif.verify;

import dev.dunnage.sif.SifObject;
import dev.dunnage.sif.integrity.SignedMessage;
import dev.dunnage.sif.key.KeyFacts;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A signature object on its way: either refused already, or with a text that a trusted key signed and whose statements
 * are still to be compared with the image.
 */
record SignedText(SignatureResult result, Optional<SignedMessage> message) {

    static SignedText refused(SifObject object, SignatureStatus status, String reason) {
        return refused(object, Optional.empty(), Optional.empty(), status, reason);
    }

    static SignedText refused(
            SifObject object,
            Optional<KeyFacts> signer,
            Optional<Instant> created,
            SignatureStatus status,
            String reason) {
        SignatureResult result =
                new SignatureResult(object.id(), claim(object), signer, created, status, reason, List.of());
        return new SignedText(result, Optional.empty());
    }

    static SignedText authentic(SifObject object, KeyFacts signer, Optional<Instant> created, SignedMessage message) {
        SignatureResult result = new SignatureResult(
                object.id(), claim(object), Optional.of(signer), created, SignatureStatus.GOOD, "", List.of());
        return new SignedText(result, Optional.of(message));
    }

    /** The outcome after the comparison with the image. */
    SignatureResult with(SignatureStatus status, String reason, List<Long> objects) {
        return new SignatureResult(
                result.objectId(),
                result.claimedFingerprint(),
                result.signer(),
                result.created(),
                status,
                reason,
                objects);
    }

    private static String claim(SifObject object) {
        return object.signature()
                .filter(info -> info.namesSigner())
                .map(info -> info.fingerprint())
                .orElse("");
    }
}
