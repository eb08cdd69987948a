package dev.dunnage.sif.verify;

import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.Link;
import dev.dunnage.sif.SifObject;
import dev.dunnage.sif.integrity.MessageException;
import dev.dunnage.sif.integrity.MessageReader;
import dev.dunnage.sif.integrity.SignedMessage;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads one signature object and checks who signed its message; what the message states is not looked at here. */
final class SignatureReader {
    private final ImageBytes bytes;
    private final PgpTextCheck pgp;
    private final DsseCheck dsse;
    private final Set<Long> groups;
    /** Equal messages are kept once, so that copies of one large signature cost no memory. */
    private final Map<String, SignedMessage> messages = new HashMap<>();

    SignatureReader(ImageBytes bytes, PgpTextCheck pgp, DsseCheck dsse, Set<Long> groups) {
        this.bytes = bytes;
        this.pgp = pgp;
        this.dsse = dsse;
        this.groups = groups;
    }

    SignedText read(SifObject object) throws IOException {
        SignatureContent content = SignatureContent.read(bytes, object);
        if (content instanceof SignatureContent.Unreadable unreadable) {
            return SignedText.refused(Refusals.malformed(object, unreadable.reason()));
        }
        if (content instanceof SignatureContent.Legacy) {
            return SignedText.refused(
                    Refusals.of(
                            object,
                            SignatureStatus.LEGACY,
                            Refusals.content(
                                    object,
                                    "the form is that from before Singularity 3.6, but must be the modern one; sign the image anew")));
        }
        if (!(object.link() instanceof Link.ToGroup link) || !groups.contains(link.group())) {
            return SignedText.refused(Refusals.of(
                    object,
                    SignatureStatus.UNLINKED,
                    Refusals.field(object, 13, "link", linkText(object), "a group that has objects") + "; delete it"));
        }
        if (content instanceof SignatureContent.Dsse envelope) {
            return dsse.check(object, envelope.envelope());
        }
        return readModern(object, (SignatureContent.Modern) content);
    }

    private static String linkText(SifObject object) {
        if (object.link() instanceof Link.ToObject link) {
            return "object %d".formatted(link.id());
        }
        return object.link() instanceof Link.ToGroup link ? "group %d".formatted(link.group()) : "nothing";
    }

    private SignedText readModern(SifObject object, SignatureContent.Modern content) {
        SignatureResult result = pgp.check(object, content.text());
        if (!result.good()) {
            return SignedText.refused(result);
        }
        try {
            SignedMessage message = MessageReader.read(content.text().text());
            SignedMessage known = messages.computeIfAbsent(message.toJson(), json -> message);
            return new SignedText(result, Optional.of(known));
        } catch (MessageException e) {
            return SignedText.refused(result.with(
                    SignatureStatus.MALFORMED,
                    Refusals.content(object, e.getMessage() + "; sign the image anew"),
                    result.objects()));
        }
    }
}
