package dev.dunnage.sif;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** The 585 bytes of one descriptor, unchanged, as signatures need them. Immutable. */
public final class RawDescriptor {
    /** Length of the part of a descriptor that signatures cover. */
    private static final int SIGNED_SIZE = 557;

    private final byte[] content;

    private RawDescriptor(byte[] content) {
        this.content = content;
    }

    static RawDescriptor copyOf(byte[] table, int offset) {
        return new RawDescriptor(Arrays.copyOfRange(table, offset, offset + SifLayout.DESCRIPTOR_SIZE));
    }

    /**
     * The bytes that the descriptor digest of a signature is made from.
     *
     * @param relativeId id of the object minus the lowest id in its group, as an unsigned 32-bit number
     */
    public byte[] signedPart(long relativeId) {
        ByteBuffer out = ByteBuffer.allocate(SIGNED_SIZE).order(ByteOrder.LITTLE_ENDIAN);
        out.put(content, 0, 4); // data type
        out.put((byte) 1); // used
        out.putInt((int) relativeId);
        out.put(content, 13, 4); // link
        out.put(content, 25, 8); // size
        out.put(content, 41, 8); // created
        out.put(content, 57, 8 + 8 + SifLayout.NAME_SIZE + SifLayout.EXTRA_SIZE); // uid, gid, name, extra
        return out.array();
    }

    byte[] name() {
        return Arrays.copyOfRange(content, 73, 73 + SifLayout.NAME_SIZE);
    }

    byte[] extra(int offset, int length) {
        return Arrays.copyOfRange(content, 201 + offset, 201 + offset + length);
    }

    int extraInt(int offset) {
        return ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).getInt(201 + offset);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RawDescriptor raw && Arrays.equals(raw.content, content);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(content);
    }

    @Override
    public String toString() {
        return "RawDescriptor[%d bytes]".formatted(content.length);
    }
}
