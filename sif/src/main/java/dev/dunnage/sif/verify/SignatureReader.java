package dev.dunnage.sif.verify;

import dev.dunnage.sif.HashKind;
import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.Link;
import dev.dunnage.sif.SifObject;
import dev.dunnage.sif.SignatureInfo;
import dev.dunnage.sif.armor.ArmorException;
import dev.dunnage.sif.armor.ClearText;
import dev.dunnage.sif.integrity.MessageException;
import dev.dunnage.sif.integrity.MessageReader;
import dev.dunnage.sif.integrity.SignedMessage;
import dev.dunnage.sif.key.Authentication;
import dev.dunnage.sif.key.KeyRing;
import dev.dunnage.sif.key.PgpCertificate;
import dev.dunnage.sif.key.SignaturePacket;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads one signature object and checks who signed its text; what the text states is not looked at here. */
final class SignatureReader {
    private static final int MAX_SIZE = 1 << 20;
    private static final String LEGACY_START = "SIFHASH:";

    private final ImageBytes bytes;
    private final KeyRing ring;
    private final Instant at;
    private final Set<Long> groups;
    /** Equal messages are kept once, so that copies of one large signature cost no memory. */
    private final Map<SignedMessage, SignedMessage> messages = new HashMap<>();

    SignatureReader(ImageBytes bytes, KeyRing ring, Instant at, Set<Long> groups) {
        this.bytes = bytes;
        this.ring = ring;
        this.at = at;
        this.groups = groups;
    }

    SignedText read(SifObject object) throws IOException {
        if (object.size() < 1 || object.size() > MAX_SIZE) {
            return malformed(object, "its size is %d, not 1 byte to 1 MiB".formatted(object.size()));
        }
        byte[] content = bytes.bytes(object.offset(), (int) object.size());
        if (ClearText.matches(content)) {
            return readClearText(object, content);
        }
        if (content[0] == '{') {
            return SignedText.refused(
                    object,
                    SignatureStatus.UNSUPPORTED,
                    "DSSE signatures are not supported for verification here, sign the image with a PGP key");
        }
        return malformed(object, "it is neither a clearsigned text nor a DSSE envelope");
    }

    private SignedText readClearText(SifObject object, byte[] content) {
        try {
            ClearText text = ClearText.parse(content);
            if (text.text().startsWith(LEGACY_START)) {
                return SignedText.refused(
                        object,
                        SignatureStatus.LEGACY,
                        "signatures of the form before Singularity 3.6 do not count, sign the image anew");
            }
            return readModern(object, text);
        } catch (ArmorException e) {
            return malformed(object, String.valueOf(e.getMessage()));
        }
    }

    private SignedText readModern(SifObject object, ClearText text) {
        if (!(object.link() instanceof Link.ToGroup link) || !groups.contains(link.group())) {
            return SignedText.refused(
                    object, SignatureStatus.UNLINKED, "it is not linked to a group that has objects, delete it");
        }
        SignatureInfo info = object.signature().orElseThrow();
        if (info.hash() == HashKind.UNKNOWN) {
            return malformed(object, "its hash type code %d is unknown".formatted(info.hashCodeNumber()));
        }
        if (!info.namesSigner()) {
            return malformed(object, "its descriptor names no signer");
        }
        try {
            return authenticate(object, info.fingerprint(), text, SignaturePacket.parse(text.signature()));
        } catch (SignaturePacket.MalformedException e) {
            return malformed(object, String.valueOf(e.getMessage()));
        }
    }

    private SignedText authenticate(SifObject object, String fingerprint, ClearText text, SignaturePacket packet) {
        Optional<PgpCertificate> certificate = ring.find(fingerprint);
        if (certificate.isEmpty()) {
            return SignedText.refused(
                    object,
                    Optional.empty(),
                    Optional.of(packet.created()),
                    SignatureStatus.UNKNOWN_KEY,
                    "key %s is not in the key ring, ask the site to trust it or sign with a trusted key"
                            .formatted(fingerprint));
        }
        Authentication outcome = certificate.get().authenticate(packet, text.canonical(), at);
        SignatureStatus status = status(outcome.outcome());
        if (status != SignatureStatus.GOOD) {
            return SignedText.refused(
                    object, Optional.of(certificate.get().facts()), outcome.created(), status, outcome.reason());
        }
        try {
            SignedMessage message = MessageReader.read(text.text());
            SignedMessage known = messages.computeIfAbsent(message, same -> same);
            return SignedText.authentic(object, certificate.get().facts(), outcome.created(), known);
        } catch (MessageException e) {
            return SignedText.refused(
                    object,
                    Optional.of(certificate.get().facts()),
                    outcome.created(),
                    SignatureStatus.MALFORMED,
                    String.valueOf(e.getMessage()));
        }
    }

    private static SignedText malformed(SifObject object, String reason) {
        return SignedText.refused(object, SignatureStatus.MALFORMED, reason + "; sign the image anew");
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
