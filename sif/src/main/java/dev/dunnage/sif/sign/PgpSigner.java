package dev.dunnage.sif.sign;

import dev.dunnage.sif.SifFormatException;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.armor.ClearText;
import dev.dunnage.sif.integrity.MessageBuilder;
import dev.dunnage.sif.integrity.ObjectGroup;
import dev.dunnage.sif.integrity.ObjectHasher;
import dev.dunnage.sif.key.PgpSecretKey;
import dev.dunnage.sif.key.SecretKeyException;
import dev.dunnage.sif.write.EditTime;
import dev.dunnage.sif.write.NewObject;
import dev.dunnage.sif.write.SifEditor;
import dev.dunnage.sif.write.SifWriteException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** Adds PGP signatures to an image file in place, as {@code apptainer sign} does. */
public final class PgpSigner {
    private PgpSigner() {}

    /**
     * Signs one group, or every group that has objects; one signature object each. A crash leaves the image as it was,
     * or with some of the signatures.
     *
     * @param passphrase of the key, empty when it has none; the caller clears it
     * @param now date of the signatures
     * @param group number of the group, or empty for all
     * @return ids of the new signature objects
     */
    public static List<Long> sign(Path image, PgpSecretKey key, char[] passphrase, Instant now, OptionalLong group)
            throws IOException, SifFormatException, SecretKeyException, SignException {
        try (SifEditor editor = SifEditor.open(image)) {
            SifImage structure = editor.image();
            List<ObjectGroup> groups = Signable.groups(structure, group);
            ObjectHasher hasher = new ObjectHasher(editor.bytes());
            List<NewObject> signatures = new ArrayList<>();
            for (ObjectGroup each : groups) {
                String message = MessageBuilder.build(structure, each, hasher).toJson();
                signatures.add(NewObject.signature(
                        clearsign(message, key, passphrase, now),
                        each.number(),
                        key.facts().fingerprint()));
            }
            List<Long> ids = new ArrayList<>();
            for (NewObject each : signatures) {
                ids.add(editor.add(each, EditTime.now(now)));
            }
            return ids;
        } catch (SifWriteException e) {
            throw new SignException(String.valueOf(e.getMessage()));
        }
    }

    private static byte[] clearsign(String json, PgpSecretKey key, char[] passphrase, Instant now)
            throws SecretKeyException {
        byte[] signature = key.sign(json.getBytes(StandardCharsets.UTF_8), passphrase, now);
        return ClearText.format(json, key.hashName(), signature);
    }
}
