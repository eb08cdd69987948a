package dev.dunnage.sif.verify;

import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifObject;
import dev.dunnage.sif.integrity.Digest;
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

    /** A field of the descriptor that is {@code offset} bytes from its start. */
    static SignatureResult malformed(SifObject object, int offset, String field, Object found, String wanted) {
        return malformed(object, field(object, offset, field, found, wanted));
    }

    static String field(SifObject object, int offset, String field, Object found, String wanted) {
        return "its %s at byte %d is %s, but must be %s".formatted(field, object.descriptor() + offset, found, wanted);
    }

    /** The signature is good, but not of this image. */
    static SignatureResult changed(SignatureResult signed, String what, Digest found, Digest wanted) {
        return signed.with(
                SignatureStatus.IMAGE_CHANGED,
                "%s is not what was signed: it has digest %s, but must have %s; get the original image or sign it anew"
                        .formatted(what, found.brief(), wanted.brief()),
                List.of());
    }

    /** Why one bad signature makes the image fail. */
    static String invalid(SifImage image, SignatureResult result) {
        long at = image.object(result.objectId()).map(SifObject::offset).orElse(0L);
        return "signature object %d at byte %d is not valid: %s".formatted(result.objectId(), at, result.reason());
    }

    /** Something in the content. */
    static String content(SifObject object, String what) {
        return "in its content at byte %d, %s".formatted(object.offset(), what);
    }
}
