package dev.dunnage.sif;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;

/**
 * One data object, as its descriptor states it.
 *
 * @param slot index in the descriptor table, from 0
 * @param id number of the object, 1 to 2^32-1
 * @param group number of its group, 0 for none
 * @param typeCode number of the type, for types that are not known here
 * @param offset first byte from the start of the image
 * @param size length in bytes
 * @param name safe to print; may be empty
 * @param created Unix seconds, any value
 * @param modified Unix seconds, any value
 * @param raw the descriptor itself
 */
public record SifObject(
        int slot,
        long id,
        long group,
        Link link,
        DataType type,
        int typeCode,
        long offset,
        long size,
        String name,
        long created,
        long modified,
        long uid,
        long gid,
        RawDescriptor raw) {

    /** First byte behind the object. */
    public long end() {
        return offset + size;
    }

    /** Whether the object starts at a multiple of so many bytes; kernel mounts want 4096. */
    public boolean isAligned(int blockSize) {
        return offset % blockSize == 0;
    }

    /** Facts of a partition; empty for other types. */
    public Optional<PartitionInfo> partition() {
        if (type != DataType.PARTITION) {
            return Optional.empty();
        }
        int fileSystem = raw.extraInt(0);
        int kind = raw.extraInt(4);
        byte[] arch = raw.extra(8, 3);
        Architecture architecture = arch[2] == 0
                ? Architecture.ofCode(new String(arch, 0, 2, StandardCharsets.ISO_8859_1))
                : Architecture.UNKNOWN;
        return Optional.of(new PartitionInfo(
                FileSystemKind.ofCode(fileSystem),
                PartitionKind.ofCode(kind),
                architecture,
                fileSystem,
                kind,
                Printable.ofPadded(arch)));
    }

    /** Facts of a signature; empty for other types. */
    public Optional<SignatureInfo> signature() {
        if (type != DataType.SIGNATURE) {
            return Optional.empty();
        }
        int hash = raw.extraInt(0);
        String fingerprint = HexFormat.of().withUpperCase().formatHex(raw.extra(4, 20));
        return Optional.of(new SignatureInfo(HashKind.ofCode(hash), hash, fingerprint));
    }

    /** Whether this is the root file system of the container. */
    public boolean isPrimarySystem() {
        return partition().filter(p -> p.kind() == PartitionKind.PRIMARY_SYSTEM).isPresent();
    }
}
