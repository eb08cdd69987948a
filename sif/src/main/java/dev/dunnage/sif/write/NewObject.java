package dev.dunnage.sif.write;

import dev.dunnage.sif.Architecture;
import dev.dunnage.sif.DataType;
import dev.dunnage.sif.FileSystemKind;
import dev.dunnage.sif.HashKind;
import dev.dunnage.sif.Link;
import dev.dunnage.sif.PartitionKind;
import dev.dunnage.sif.SifLayout;
import java.nio.charset.StandardCharsets;

/**
 * An object of any type, to be put into an image.
 *
 * @param group number of its group, 0 for none; an object without a group keeps an image from ever verifying, unless it
 *     is a signature
 * @param alignment of its first byte in the file, a power of two up to 1 GiB; 0 for none
 * @param name at most 128 bytes in UTF-8 without control characters; may be empty
 */
public record NewObject(
        DataType type, ObjectSource source, ObjectMetadata metadata, long group, Link link, int alignment, String name)
        implements ObjectSpec {
    private static final int MAX_ALIGNMENT = 1 << 30;
    private static final long MAX_LINK = SifLayout.MAX_NUMBER;

    /** An object of a type that needs no further facts, in group 1. */
    public static NewObject of(DataType type, ObjectSource source) {
        return of(type, source, new ObjectMetadata.None());
    }

    /** An object in group 1, aligned if it is a partition. */
    public static NewObject of(DataType type, ObjectSource source, ObjectMetadata metadata) {
        int alignment = type == DataType.PARTITION ? SifLayout.PARTITION_ALIGNMENT : 0;
        return new NewObject(type, source, metadata, 1, new Link.None(), alignment, "");
    }

    /** A partition in group 1. */
    public static NewObject partition(
            ObjectSource source, FileSystemKind fileSystem, PartitionKind kind, Architecture architecture) {
        return of(DataType.PARTITION, source, new ObjectMetadata.Partition(fileSystem, kind, architecture));
    }

    /**
     * A modern signature over a group.
     *
     * @param fingerprint 40 hex digits of the signer's primary PGP key; zeros when there is none
     */
    public static NewObject signature(byte[] content, long group, String fingerprint) {
        return of(
                        DataType.SIGNATURE,
                        ObjectSource.of(content),
                        new ObjectMetadata.Signature(HashKind.SHA256, fingerprint))
                .inGroup(0)
                .linkedTo(new Link.ToGroup(group));
    }

    /** The same in another group; 0 for none. */
    public NewObject inGroup(long number) {
        return new NewObject(type, source, metadata, number, link, alignment, name);
    }

    /** The same with another link. */
    public NewObject linkedTo(Link target) {
        return new NewObject(type, source, metadata, group, target, alignment, name);
    }

    /** The same with another alignment. */
    public NewObject aligned(int bytes) {
        return new NewObject(type, source, metadata, group, link, bytes, name);
    }

    /** The same with another name. */
    public NewObject named(String text) {
        return new NewObject(type, source, metadata, group, link, alignment, text);
    }

    boolean isPrimary() {
        return metadata instanceof ObjectMetadata.Partition partition
                && partition.kind() == PartitionKind.PRIMARY_SYSTEM;
    }

    /** Refuses what cannot be written, or what no reader would take. */
    void check() throws SifWriteException {
        if (type == DataType.UNKNOWN) {
            throw new SifWriteException("the type of the new object is not known, name a known one");
        }
        metadata.check(type);
        refuse(group < 0 || group > SifLayout.MAX_NUMBER, "group", group);
        if (link instanceof Link.ToGroup target) {
            refuse(target.group() < 1 || target.group() > MAX_LINK, "link", target.group());
        } else if (link instanceof Link.ToObject target) {
            refuse(target.id() < 1 || target.id() > MAX_LINK, "link", target.id());
        }
        if (alignment < 0 || alignment > MAX_ALIGNMENT || Integer.bitCount(alignment) > 1) {
            throw new SifWriteException(
                    "alignment %d is not a power of two up to 1 GiB, give 0 or 4096".formatted(alignment));
        }
        checkName();
    }

    private static void refuse(boolean condition, String what, long value) throws SifWriteException {
        if (condition) {
            throw new SifWriteException("%s %d of the new object is out of range, give 1 to %d"
                    .formatted(what, value, SifLayout.MAX_NUMBER));
        }
    }

    private void checkName() throws SifWriteException {
        if (name.getBytes(StandardCharsets.UTF_8).length > SifLayout.NAME_SIZE) {
            throw new SifWriteException("the name of an object has more than 128 bytes, shorten it");
        }
        if (name.codePoints().anyMatch(Character::isISOControl)) {
            throw new SifWriteException("the name of an object has control characters, leave them out");
        }
    }
}
