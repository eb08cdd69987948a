package dev.dunnage.sif.verify;

import dev.dunnage.sif.integrity.SignedMessage;
import java.util.Optional;

/**
 * A signature object on its way: either refused already, or with a message that a trusted key signed and whose
 * statements are still to be compared with the image.
 */
record SignedText(SignatureResult result, Optional<SignedMessage> message) {
    static SignedText refused(SignatureResult result) {
        return new SignedText(result, Optional.empty());
    }
}
