package dev.dunnage.sif.verify;

import dev.dunnage.sif.HashKind;
import dev.dunnage.sif.SifObject;
import dev.dunnage.sif.integrity.DsseEnvelope;
import dev.dunnage.sif.integrity.MessageException;
import dev.dunnage.sif.key.KeyFacts;
import dev.dunnage.sif.key.PemKey;
import dev.dunnage.sif.key.PemKeys;
import dev.dunnage.sif.key.SignerCertificate;
import dev.dunnage.sif.key.SignerCertificates;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Whether a trusted PEM key or certificate made one of the signatures of a DSSE envelope; one is enough. */
final class DsseCheck {
    private final PemKeys keys;
    private final SignerCertificates certificates;
    private final Instant at;

    DsseCheck(PemKeys keys, SignerCertificates certificates, Instant at) {
        this.keys = keys;
        this.certificates = certificates;
        this.at = at;
    }

    SignedText check(SifObject object, byte[] content) {
        if (keys.keys().isEmpty() && certificates.certificates().isEmpty()) {
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
            SignatureResult result = judge(object, envelope);
            return result.good() ? new SignedText(result, Optional.of(envelope.message())) : SignedText.refused(result);
        } catch (MessageException e) {
            return SignedText.refused(
                    Refusals.malformed(object, Refusals.content(object, String.valueOf(e.getMessage()))));
        }
    }

    /** A key counts before a certificate, and a certificate that is good before one that is not. */
    private SignatureResult judge(SifObject object, DsseEnvelope envelope) {
        Optional<SignatureResult> refusal = Optional.empty();
        byte[] signed = envelope.signedBytes();
        for (byte[] signature : envelope.signatures()) {
            for (PemKey key : keys.keys()) {
                if (key.verifies(signed, signature)) {
                    return result(object, key.facts(), SignatureStatus.GOOD, "");
                }
            }
        }
        for (byte[] signature : envelope.signatures()) {
            for (SignerCertificate certificate : certificates.certificates()) {
                if (certificate.verifies(signed, signature)) {
                    SignatureResult result = judge(object, certificate);
                    if (result.good()) {
                        return result;
                    }
                    refusal = Optional.of(result);
                }
            }
        }
        return refusal.orElseGet(() -> Refusals.of(
                object,
                SignatureStatus.UNKNOWN_KEY,
                "no trusted PEM key made it, or it was changed; ask the site to trust the key"));
    }

    private SignatureResult judge(SifObject object, SignerCertificate certificate) {
        return certificate
                .problemAt(at)
                .map(problem -> result(object, certificate.facts(), status(problem.kind()), problem.reason()))
                .orElseGet(() -> result(object, certificate.facts(), SignatureStatus.GOOD, ""));
    }

    private static SignatureStatus status(SignerCertificate.Problem.Kind kind) {
        return switch (kind) {
            case EXPIRED -> SignatureStatus.EXPIRED_KEY;
            case NOT_FOR_SIGNING -> SignatureStatus.NOT_FOR_SIGNING;
            case UNTRUSTED -> SignatureStatus.UNKNOWN_KEY;
        };
    }

    private static SignatureResult result(SifObject object, KeyFacts signer, SignatureStatus status, String reason) {
        return new SignatureResult(object.id(), "", Optional.of(signer), Optional.empty(), status, reason, List.of());
    }
}
