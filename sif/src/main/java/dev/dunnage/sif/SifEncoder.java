package dev.dunnage.sif;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Bytes of headers and descriptors, for writers. */
public final class SifEncoder {
    private SifEncoder() {}

    /**
     * Fields of a new object.
     *
     * @param paddedSize size with the gap in front of the object
     * @param name at most 128 bytes in UTF-8
     * @param extra at most 384 bytes, see {@link #partition} and {@link #signature}
     */
    @SuppressWarnings("ArrayRecordComponent") // a carrier of arguments, never compared
    public record Fields(
            DataType type,
            long id,
            long group,
            Link link,
            long offset,
            long size,
            long paddedSize,
            long time,
            String name,
            byte[] extra) {}

    /** A descriptor; both its times are the same, its owner is 0. */
    public static byte[] descriptor(Fields fields) {
        byte[] name = fields.name().getBytes(StandardCharsets.UTF_8);
        if (name.length > SifLayout.NAME_SIZE || fields.extra().length > SifLayout.EXTRA_SIZE) {
            throw new IllegalArgumentException("name or extra part of the descriptor is too long");
        }
        byte[] content = new byte[SifLayout.DESCRIPTOR_SIZE];
        ByteBuffer out = littleEndian(content);
        out.putInt(fields.type().code()).put((byte) 1).putInt((int) fields.id());
        out.putInt(SifLayout.GROUP_MASK | (int) fields.group()).putInt(link(fields.link()));
        out.putLong(fields.offset()).putLong(fields.size()).putLong(fields.paddedSize());
        out.putLong(fields.time()).putLong(fields.time()).putLong(0).putLong(0);
        out.put(name);
        out.position(SifLayout.DESCRIPTOR_SIZE - SifLayout.EXTRA_SIZE).put(fields.extra());
        return content;
    }

    /** Extra part of a partition's descriptor. */
    public static byte[] partition(FileSystemKind fileSystem, PartitionKind kind, Architecture architecture) {
        byte[] content = new byte[11];
        littleEndian(content)
                .putInt(fileSystem.code())
                .putInt(kind.code())
                .put(architecture.code().getBytes(StandardCharsets.US_ASCII));
        return content;
    }

    /**
     * Extra part of a PGP signature's descriptor; the hash is SHA-256, as other writers say.
     *
     * @param fingerprint 40 hex digits
     */
    public static byte[] signature(String fingerprint) {
        return signature(HashKind.SHA256, fingerprint);
    }

    /**
     * Extra part of a signature's descriptor.
     *
     * @param fingerprint 40 hex digits; zeros for signatures that name no PGP key
     */
    public static byte[] signature(HashKind hash, String fingerprint) {
        byte[] content = new byte[24];
        littleEndian(content).putInt(hash.code()).put(HexFormat.of().parseHex(fingerprint));
        return content;
    }

    /** Extra part of a cryptographic message's descriptor. */
    public static byte[] message(MessageFormat format, MessageKind kind) {
        byte[] content = new byte[8];
        littleEndian(content).putInt(format.code()).putInt(kind.code());
        return content;
    }

    /** Extra part of a bill of materials' descriptor. */
    public static byte[] sbom(SbomFormat format) {
        byte[] content = new byte[4];
        littleEndian(content).putInt(format.code());
        return content;
    }

    /** A global header. The launch script is the usual one, whatever {@code header} says. */
    public static byte[] header(SifHeader header) {
        return header(header, SifLayout.LAUNCH_SCRIPT);
    }

    /**
     * A global header.
     *
     * @param launchScript at most 31 bytes in UTF-8, with its line end; replaces what {@code header} says
     */
    public static byte[] header(SifHeader header, String launchScript) {
        byte[] script = launchScript.getBytes(StandardCharsets.UTF_8);
        if (script.length >= SifLayout.LAUNCH_SIZE) {
            throw new IllegalArgumentException("the launch script has more than 31 bytes");
        }
        byte[] content = new byte[SifLayout.HEADER_SIZE];
        ByteBuffer out = littleEndian(content);
        out.put(script);
        out.position(SifLayout.LAUNCH_SIZE).put(SifLayout.MAGIC).put(SifLayout.VERSION);
        out.put(header.architecture().code().getBytes(StandardCharsets.US_ASCII));
        out.position(48).order(ByteOrder.BIG_ENDIAN);
        out.putLong(header.id().getMostSignificantBits()).putLong(header.id().getLeastSignificantBits());
        out.order(ByteOrder.LITTLE_ENDIAN);
        out.putLong(header.created()).putLong(header.modified());
        out.putLong(header.freeDescriptors()).putLong(header.totalDescriptors());
        out.putLong(header.tableOffset()).putLong(header.tableSize());
        out.putLong(header.dataOffset()).putLong(header.dataSize());
        return content;
    }

    private static int link(Link link) {
        if (link instanceof Link.ToObject object) {
            return (int) object.id();
        }
        return link instanceof Link.ToGroup group ? SifLayout.GROUP_MASK | (int) group.group() : 0;
    }

    private static ByteBuffer littleEndian(byte[] content) {
        return ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    }
}
