package dev.dunnage.sif.squashfs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * An inode.
 *
 * @param size bytes of a file, of a directory's listing
 * @param start first block of a file; block of a directory's listing, from the directory table
 * @param fragment number of the fragment that holds a file's end; {@link #NO_FRAGMENT} for none
 * @param offset into the fragment, or into the directory's block
 * @param target of a symbolic link
 * @param table where the list of a file's block sizes is
 */
record SquashfsInode(Kind kind, long size, long start, long fragment, int offset, String target, BlockList table) {
    static final long NO_FRAGMENT = 0xffffffffL;
    private static final int MAX_TARGET = 4096;

    enum Kind {
        FILE,
        DIRECTORY,
        LINK,
        OTHER
    }

    /**
     * Where block sizes are.
     *
     * @param position of the metadata block with the inode
     * @param offset of the list, from the start of that block's content
     */
    record BlockList(long position, int offset) {
        static final BlockList NONE = new BlockList(0, 0);
    }

    /** Reads the inode at an offset of a metadata block. */
    static SquashfsInode read(Blocks blocks, long position, int offset) throws IOException {
        MetadataCursor in = new MetadataCursor(blocks, position, offset);
        int type = in.u16();
        in.skip(14);
        return switch (type) {
            case 1 -> directory(in);
            case 8 -> extendedDirectory(in);
            case 2 -> file(in, new BlockList(position, offset + 32));
            case 9 -> extendedFile(in, new BlockList(position, offset + 56));
            case 3, 10 -> link(in);
            default -> {
                if (type < 1 || type > 14) {
                    throw new SquashfsException("an inode of type " + type);
                }
                yield new SquashfsInode(Kind.OTHER, 0, 0, NO_FRAGMENT, 0, "", BlockList.NONE);
            }
        };
    }

    private static SquashfsInode directory(MetadataCursor in) throws IOException {
        long start = in.u32();
        in.skip(4);
        int size = in.u16();
        return new SquashfsInode(Kind.DIRECTORY, size, start, NO_FRAGMENT, in.u16(), "", BlockList.NONE);
    }

    private static SquashfsInode extendedDirectory(MetadataCursor in) throws IOException {
        in.skip(4);
        long size = in.u32();
        long start = in.u32();
        in.skip(6);
        return new SquashfsInode(Kind.DIRECTORY, size, start, NO_FRAGMENT, in.u16(), "", BlockList.NONE);
    }

    private static SquashfsInode file(MetadataCursor in, BlockList table) throws IOException {
        long start = in.u32();
        long fragment = in.u32();
        int offset = offset(in);
        return new SquashfsInode(Kind.FILE, in.u32(), start, fragment, offset, "", table);
    }

    private static SquashfsInode extendedFile(MetadataCursor in, BlockList table) throws IOException {
        long start = in.u64();
        long size = in.u64();
        in.skip(12);
        long fragment = in.u32();
        return new SquashfsInode(Kind.FILE, size, start, fragment, offset(in), "", table);
    }

    private static SquashfsInode link(MetadataCursor in) throws IOException {
        in.skip(4);
        long length = in.u32();
        if (length > MAX_TARGET) {
            throw new SquashfsException("a symbolic link of " + length + " bytes");
        }
        String target = new String(in.bytes((int) length), StandardCharsets.UTF_8);
        return new SquashfsInode(Kind.LINK, 0, 0, NO_FRAGMENT, 0, target, BlockList.NONE);
    }

    private static int offset(MetadataCursor in) throws IOException {
        long offset = in.u32();
        if (offset > 1 << 20) {
            throw new SquashfsException("an offset of " + offset + " in a fragment");
        }
        return (int) offset;
    }
}
