package dev.dunnage.sif.sign;

import dev.dunnage.sif.DataType;
import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifFormatException;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifObject;
import dev.dunnage.sif.armor.ClearText;
import dev.dunnage.sif.integrity.MessageBuilder;
import dev.dunnage.sif.integrity.ObjectGroup;
import dev.dunnage.sif.integrity.ObjectHasher;
import dev.dunnage.sif.key.PgpSecretKey;
import dev.dunnage.sif.key.SecretKeyException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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
        try (FileChannel file = FileChannel.open(image, StandardOpenOption.READ, StandardOpenOption.WRITE);
                FileLock lock = lock(file)) {
            if (!lock.isValid()) {
                throw new IOException("the lock of the image was lost");
            }
            ImageBytes bytes = ImageBytes.of(file);
            SifImage structure = SifImage.read(bytes);
            List<ObjectGroup> groups = chosen(structure, group);
            checkSignable(structure, groups.size());
            ObjectHasher hasher = new ObjectHasher(bytes);
            SignatureAppender appender = new SignatureAppender(file, structure, now);
            List<byte[]> signatures = new ArrayList<>();
            for (ObjectGroup each : groups) {
                signatures.add(
                        clearsign(MessageBuilder.build(structure, each, hasher).toJson(), key, passphrase, now));
            }
            List<Long> ids = new ArrayList<>();
            for (int i = 0; i < groups.size(); i++) {
                ids.add(appender.append(
                        signatures.get(i), groups.get(i).number(), key.facts().fingerprint()));
            }
            return ids;
        }
    }

    private static FileLock lock(FileChannel file) throws IOException, SignException {
        try {
            FileLock lock = file.tryLock();
            if (lock != null) {
                return lock;
            }
        } catch (OverlappingFileLockException e) {
            throw new SignException("the image is being signed already, wait until that is done");
        }
        throw new SignException("another program has the image locked, wait until it is done");
    }

    private static byte[] clearsign(String json, PgpSecretKey key, char[] passphrase, Instant now)
            throws SecretKeyException {
        byte[] signature = key.sign(json.getBytes(StandardCharsets.UTF_8), passphrase, now);
        return ClearText.format(json, key.hashName(), signature);
    }

    private static List<ObjectGroup> chosen(SifImage image, OptionalLong group) throws SignException {
        List<ObjectGroup> groups = ObjectGroup.of(image).stream()
                .filter(each -> group.isEmpty() || each.number() == group.getAsLong())
                .toList();
        if (groups.isEmpty()) {
            throw new SignException(
                    group.isPresent()
                            ? "group %d has no objects, name another one".formatted(group.getAsLong())
                            : "the image has no objects to sign, build it anew");
        }
        return groups;
    }

    private static void checkSignable(SifImage image, int signatures) throws SignException {
        if (image.freeSlots() < signatures) {
            throw new SignException("the image has %d free descriptors and needs %d, delete objects or build it anew"
                    .formatted(image.freeSlots(), signatures));
        }
        for (SifObject each : image.objects()) {
            if (each.group() == 0 && each.type() != DataType.SIGNATURE) {
                throw new SignException(
                        "object %d belongs to no group, so that the image could never verify; delete the object"
                                .formatted(each.id()));
            }
        }
    }
}
