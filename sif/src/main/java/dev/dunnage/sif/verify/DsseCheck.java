package dev.dunnage.sif.verify;

import dev.dunnage.sif.HashKind;
import dev.dunnage.sif.SifObject;
import dev.dunnage.sif.integrity.DsseEnvelope;
import dev.dunnage.sif.integrity.MessageException;
import dev.dunnage.sif.key.KeyFacts;
import dev.dunnage.sif.key.PemKey;
import dev.dunnage.sif.key.PemKeys;
import java.util.List;
import java.util.Optional;

/** Whether a trusted PEM key made one of the signatures of a DSSE envelope; one is enough. */
final class DsseCheck {
    private final PemKeys keys;

    DsseCheck(PemKeys keys) {
        this.keys = keys;
    }

    SignedText check(SifObject object, byte[] content) {
        if (keys.keys().isEmpty()) {
            return SignedText.refused(Refusals.of(
                    object,
                    SignatureStatus.UNSUPPORTED,
                    "it is a DSSE signature and no PEM key is trusted here, sign the image with a PGP key"));
        }
        HashKind hash = object.signature().orElseThrow().hash();
        if (hash != HashKind.SHA256) {
            return SignedText.refused(Refusals.of(
                    object, SignatureStatus.UNSUPPORTED, "DSSE signatures need SHA-256, not " + hash.label()));
        }
        try {
            DsseEnvelope envelope = DsseEnvelope.read(content);
            Optional<KeyFacts> signer = signer(envelope);
            if (signer.isEmpty()) {
                return SignedText.refused(Refusals.of(
                        object,
                        SignatureStatus.UNKNOWN_KEY,
                        "no trusted PEM key made it, or it was changed; ask the site to trust the key"));
            }
            SignatureResult result =
                    new SignatureResult(object.id(), "", signer, Optional.empty(), SignatureStatus.GOOD, "", List.of());
            return new SignedText(result, Optional.of(envelope.message()));
        } catch (MessageException e) {
            return SignedText.refused(Refusals.malformed(object, String.valueOf(e.getMessage())));
        }
    }

    private Optional<KeyFacts> signer(DsseEnvelope envelope) {
        byte[] signed = envelope.signedBytes();
        for (PemKey key : keys.keys()) {
            for (byte[] signature : envelope.signatures()) {
                if (key.verifies(signed, signature)) {
                    return Optional.of(key.facts());
                }
            }
        }
        return Optional.empty();
    }
}
