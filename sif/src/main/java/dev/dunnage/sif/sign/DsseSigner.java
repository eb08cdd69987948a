package dev.dunnage.sif.sign;

import dev.dunnage.sif.SifFormatException;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.integrity.DsseEnvelope;
import dev.dunnage.sif.integrity.MessageBuilder;
import dev.dunnage.sif.integrity.ObjectGroup;
import dev.dunnage.sif.integrity.ObjectHasher;
import dev.dunnage.sif.key.PemSecretKey;
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

/** Adds DSSE signatures to an image file in place, as {@code apptainer sign --key} does. */
public final class DsseSigner {
    private static final String NO_FINGERPRINT = "0".repeat(40);

    private DsseSigner() {}

    /**
     * Signs one group, or every group that has objects; one signature object each, which holds a signature by every key.
     * A crash leaves the image as it was, or with some of the signature objects.
     *
     * @param keys at least one; verification needs only one of them
     * @param now date of the signature objects; the signatures themselves carry none
     * @param group number of the group, or empty for all
     * @return ids of the new signature objects
     */
    public static List<Long> sign(Path image, List<PemSecretKey> keys, Instant now, OptionalLong group)
            throws IOException, SifFormatException, SecretKeyException, SignException {
        if (keys.isEmpty()) {
            throw new SignException("no key was given, give a PEM file with a secret key");
        }
        try (SifEditor editor = SifEditor.open(image)) {
            SifImage structure = editor.image();
            List<ObjectGroup> groups = Signable.groups(structure, group);
            ObjectHasher hasher = new ObjectHasher(editor.bytes());
            List<NewObject> signatures = new ArrayList<>();
            for (ObjectGroup each : groups) {
                byte[] envelope =
                        envelope(MessageBuilder.build(structure, each, hasher).toJson(), keys);
                signatures.add(NewObject.signature(envelope, each.number(), NO_FINGERPRINT));
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

    private static byte[] envelope(String message, List<PemSecretKey> keys) throws SecretKeyException {
        byte[] payload = message.getBytes(StandardCharsets.UTF_8);
        byte[] signed = DsseEnvelope.signedBytes(payload);
        List<DsseEnvelope.Entry> entries = new ArrayList<>();
        for (PemSecretKey key : keys) {
            entries.add(new DsseEnvelope.Entry(key.facts().fingerprint(), key.sign(signed)));
        }
        return DsseEnvelope.format(payload, entries);
    }
}
