package dev.dunnage.sif.verify;

import dev.dunnage.sif.SifObject;
import java.util.List;
import java.util.Optional;

/** Results for signature objects that fail before any key is looked at. */
final class Refusals {
    private Refusals() {}

    static SignatureResult of(SifObject object, SignatureStatus status, String reason) {
        String claim = object.signature()
                .filter(info -> info.namesSigner())
                .map(info -> info.fingerprint())
                .orElse("");
        return new SignatureResult(object.id(), claim, Optional.empty(), Optional.empty(), status, reason, List.of());
    }

    static SignatureResult malformed(SifObject object, String reason) {
        return of(object, SignatureStatus.MALFORMED, reason + "; sign the image anew");
    }
}
