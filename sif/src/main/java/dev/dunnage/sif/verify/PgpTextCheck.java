package dev.dunnage.sif.verify;

import dev.dunnage.sif.HashKind;
import dev.dunnage.sif.SifObject;
import dev.dunnage.sif.SignatureInfo;
import dev.dunnage.sif.armor.ClearText;
import dev.dunnage.sif.key.Authentication;
import dev.dunnage.sif.key.KeyRing;
import dev.dunnage.sif.key.PgpCertificate;
import dev.dunnage.sif.key.SignaturePacket;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Whether the key that a signature object claims really signed the text in it. */
final class PgpTextCheck {
    private final KeyRing ring;
    private final Instant at;

    PgpTextCheck(KeyRing ring, Instant at) {
        this.ring = ring;
        this.at = at;
    }

    /** GOOD says only that a usable key signed the text; what the text states is not looked at. */
    SignatureResult check(SifObject object, ClearText text) {
        SignatureInfo info = object.signature().orElseThrow();
        if (info.hash() == HashKind.UNKNOWN) {
            return Refusals.malformed(object, 201, "hash type", info.hashCodeNumber(), "1 to 5");
        }
        if (!info.namesSigner()) {
            return Refusals.malformed(object, 205, "signer", "nobody", "the fingerprint of a key");
        }
        try {
            return check(object, info.fingerprint(), text, SignaturePacket.parse(text.signature()));
        } catch (SignaturePacket.MalformedException e) {
            return Refusals.malformed(object, Refusals.content(object, String.valueOf(e.getMessage())));
        }
    }

    private SignatureResult check(SifObject object, String fingerprint, ClearText text, SignaturePacket packet) {
        Optional<PgpCertificate> certificate = ring.find(fingerprint);
        if (certificate.isEmpty()) {
            return new SignatureResult(
                    object.id(),
                    fingerprint,
                    Optional.empty(),
                    Optional.of(packet.created()),
                    SignatureStatus.UNKNOWN_KEY,
                    "key %s is not in the key ring, ask the site to trust it or sign with a trusted key"
                            .formatted(fingerprint),
                    List.of());
        }
        Authentication outcome = certificate.get().authenticate(packet, text.canonical(), at);
        return new SignatureResult(
                object.id(),
                fingerprint,
                Optional.of(certificate.get().facts()),
                outcome.created(),
                status(outcome.outcome()),
                reason(object, fingerprint, outcome),
                List.of());
    }

    private static String reason(SifObject object, String fingerprint, Authentication outcome) {
        return outcome.outcome() == Authentication.Outcome.OTHER_KEY
                ? Refusals.field(object, 205, "signer", fingerprint, "the one who made it") + ": " + outcome.reason()
                : outcome.reason();
    }

    private static SignatureStatus status(Authentication.Outcome outcome) {
        return switch (outcome) {
            case GOOD -> SignatureStatus.GOOD;
            case MALFORMED -> SignatureStatus.MALFORMED;
            case WEAK -> SignatureStatus.WEAK;
            case OTHER_KEY -> SignatureStatus.OTHER_KEY;
            case BAD -> SignatureStatus.BAD;
            case REVOKED_KEY -> SignatureStatus.REVOKED_KEY;
            case EXPIRED_KEY -> SignatureStatus.EXPIRED_KEY;
            case NOT_FOR_SIGNING -> SignatureStatus.NOT_FOR_SIGNING;
            case EXPIRED -> SignatureStatus.EXPIRED_SIGNATURE;
            case WRONG_TIME -> SignatureStatus.WRONG_TIME;
        };
    }
}
