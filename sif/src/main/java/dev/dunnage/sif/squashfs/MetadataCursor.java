package dev.dunnage.sif.squashfs;

import java.io.IOException;

/** Reads numbers and texts from a table that is a chain of metadata blocks. Not thread-safe. */
final class MetadataCursor {
    private final Blocks blocks;
    private Blocks.Metadata block;
    private int at;

    MetadataCursor(Blocks blocks, long position, int offset) throws IOException {
        this.blocks = blocks;
        this.block = blocks.metadata(position);
        this.at = offset;
        if (offset > block.content().length) {
            throw new SquashfsException("offset " + offset + " in a block of " + block.content().length + " bytes");
        }
    }

    private int u8() throws IOException {
        while (at == block.content().length) {
            if (at == 0) {
                throw new SquashfsException("an empty block of metadata");
            }
            block = blocks.metadata(block.next());
            at = 0;
        }
        return Byte.toUnsignedInt(block.content()[at++]);
    }

    int u16() throws IOException {
        return u8() | u8() << 8;
    }

    int s16() throws IOException {
        return (short) u16();
    }

    long u32() throws IOException {
        return u16() | (long) u16() << 16;
    }

    long u64() throws IOException {
        return u32() | u32() << 32;
    }

    /** So many bytes; the caller has a limit of its own. */
    byte[] bytes(int length) throws IOException {
        byte[] content = new byte[length];
        for (int i = 0; i < length; i++) {
            content[i] = (byte) u8();
        }
        return content;
    }

    void skip(int length) throws IOException {
        for (int i = 0; i < length; i++) {
            u8();
        }
    }
}
