package dev.dunnage.sif.verify;

import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.Printable;
import dev.dunnage.sif.SifObject;
import dev.dunnage.sif.armor.ArmorException;
import dev.dunnage.sif.armor.ClearText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** What form the content of a signature object has. */
sealed interface SignatureContent {
    int MAX_SIZE = 1 << 20;

    /** Clearsigned message over header, descriptors and objects. */
    record Modern(ClearText text) implements SignatureContent {}

    /** Clearsigned hash of object contents, as made before Singularity 3.6. */
    record Legacy(ClearText text) implements SignatureContent {
        static final String START = "SIFHASH:";
    }

    /** DSSE envelope, or what begins like one. */
    @SuppressWarnings("ArrayRecordComponent") // a carrier between two methods, never compared
    record Dsse(byte[] envelope) implements SignatureContent {}

    /** None of these. */
    record Unreadable(String reason) implements SignatureContent {}

    static SignatureContent read(ImageBytes bytes, SifObject object) throws IOException {
        if (object.size() < 1 || object.size() > MAX_SIZE) {
            return new Unreadable(Refusals.field(object, 25, "size", object.size(), "1 to " + MAX_SIZE));
        }
        byte[] content = bytes.bytes(object.offset(), (int) object.size());
        if (isJson(content)) {
            return new Dsse(content);
        }
        if (!ClearText.matches(content)) {
            String start = new String(content, 0, Math.min(content.length, 64), StandardCharsets.ISO_8859_1);
            return new Unreadable(Refusals.content(
                    object,
                    "the start is %s, but must be that of a clearsigned text or a DSSE envelope"
                            .formatted(Printable.excerpt(start))));
        }
        try {
            ClearText text = ClearText.parse(content);
            return text.text().startsWith(Legacy.START) ? new Legacy(text) : new Modern(text);
        } catch (ArmorException e) {
            return new Unreadable(Refusals.content(object, String.valueOf(e.getMessage())));
        }
    }

    private static boolean isJson(byte[] content) {
        for (byte each : content) {
            if (" \t\r\n".indexOf(each) < 0) {
                return each == '{';
            }
        }
        return false;
    }
}
