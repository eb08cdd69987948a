package dev.dunnage.sif;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
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
 * @param descriptor where its descriptor starts in the image
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
        long descriptor,
        RawDescriptor raw) {
    private static final int COPY_BUFFER = 1 << 20;

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

    /** Facts of a cryptographic message; empty for other types. */
    public Optional<MessageInfo> message() {
        if (type != DataType.CRYPTO_MESSAGE) {
            return Optional.empty();
        }
        int format = raw.extraInt(0);
        int kind = raw.extraInt(4);
        return Optional.of(new MessageInfo(MessageFormat.ofCode(format), MessageKind.ofCode(kind), format, kind));
    }

    /** Format of a bill of materials; empty for other types. */
    public Optional<SbomFormat> sbom() {
        return type == DataType.SBOM ? Optional.of(SbomFormat.ofCode(raw.extraInt(0))) : Optional.empty();
    }

    /** Digest that an OCI object claims for its content, safe to print; empty for other types. */
    public Optional<String> ociDigest() {
        return type == DataType.OCI_BLOB || type == DataType.OCI_ROOT_INDEX
                ? Optional.of(Printable.ofPadded(raw.extra(0, SifLayout.OCI_DIGEST_SIZE)))
                : Optional.empty();
    }

    /**
     * Writes the content to a channel, a bounded piece at a time.
     *
     * @throws java.io.EOFException when the image was cut while it was read
     */
    public void copyTo(ImageBytes bytes, WritableByteChannel target) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect((int) Math.min(COPY_BUFFER, Math.max(1, size)));
        for (long at = offset; at < end(); at += buffer.limit()) {
            buffer.clear().limit((int) Math.min(buffer.capacity(), end() - at));
            bytes.readFully(buffer, at);
            buffer.flip();
            while (buffer.hasRemaining()) {
                target.write(buffer);
            }
        }
    }

    /** Whether this is the root file system of the container. */
    public boolean isPrimarySystem() {
        return partition().filter(p -> p.kind() == PartitionKind.PRIMARY_SYSTEM).isPresent();
    }
}
