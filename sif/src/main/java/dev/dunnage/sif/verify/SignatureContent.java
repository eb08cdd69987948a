package dev.dunnage.sif.verify;

import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifObject;
import dev.dunnage.sif.armor.ArmorException;
import dev.dunnage.sif.armor.ClearText;
import java.io.IOException;

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
            return new Unreadable("its size is %d, not 1 byte to 1 MiB".formatted(object.size()));
        }
        byte[] content = bytes.bytes(object.offset(), (int) object.size());
        if (content[0] == '{') {
            return new Dsse(content);
        }
        if (!ClearText.matches(content)) {
            return new Unreadable("it is neither a clearsigned text nor a DSSE envelope");
        }
        try {
            ClearText text = ClearText.parse(content);
            return text.text().startsWith(Legacy.START) ? new Legacy(text) : new Modern(text);
        } catch (ArmorException e) {
            return new Unreadable(String.valueOf(e.getMessage()));
        }
    }
}
