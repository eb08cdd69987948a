package dev.dunnage.mpi.elf;

import dev.dunnage.mpi.tree.FileBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Numbers of a file, in its byte order; reads a piece of the file at a time. Not thread-safe. */
final class Window {
    private static final int PIECE = 1 << 15;

    private final FileBytes bytes;
    private final ByteOrder order;
    private ByteBuffer piece = ByteBuffer.allocate(0);
    private long start;

    Window(FileBytes bytes, ByteOrder order) {
        this.bytes = bytes;
        this.order = order;
    }

    long size() {
        return bytes.size();
    }

    ByteOrder order() {
        return order;
    }

    int u8(long position) throws IOException, ElfException {
        int at = at(position, 1);
        return Byte.toUnsignedInt(piece.get(at));
    }

    int u16(long position) throws IOException, ElfException {
        int at = at(position, 2);
        return Short.toUnsignedInt(piece.getShort(at));
    }

    long u32(long position) throws IOException, ElfException {
        int at = at(position, 4);
        return Integer.toUnsignedLong(piece.getInt(at));
    }

    /** A 64-bit number; those with the highest bit come out negative, which no check lets pass. */
    long u64(long position) throws IOException, ElfException {
        int at = at(position, 8);
        return piece.getLong(at);
    }

    /** So many bytes; the caller has a limit of its own. */
    byte[] bytes(long position, long length, String what) throws IOException, ElfException {
        check(position, length, what);
        return bytes.bytes(position, Math.toIntExact(length));
    }

    void check(long position, long length, String what) throws ElfException {
        if (position < 0 || length < 0 || position > size() || length > size() - position) {
            throw new ElfException(what + " (" + length + " bytes at " + position
                    + ") is outside of the file, which has " + size() + " bytes");
        }
    }

    private int at(long position, int length) throws IOException, ElfException {
        if (position < start || position + length > start + piece.capacity()) {
            check(position, length, "a number");
            int count = (int) Math.min(PIECE, size() - position);
            piece = ByteBuffer.wrap(bytes.bytes(position, count)).order(order);
            start = position;
        }
        return (int) (position - start);
    }
}
