package dev.dunnage.sif.squashfs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Content of one file, block by block. Not thread-safe. */
public final class SquashfsFile {
    /** Longer files are not looked into. */
    private static final long MAX_BLOCKS = 1 << 20;

    private final Blocks blocks;
    private final SquashfsInode inode;
    private final long[] positions;
    private final long[] sizes;
    private final long fragmentPosition;
    private final long fragmentSize;

    SquashfsFile(Blocks blocks, SquashfsInode inode, long fragmentTable, long fragments) throws IOException {
        this.blocks = blocks;
        this.inode = inode;
        boolean hasFragment = inode.fragment() != SquashfsInode.NO_FRAGMENT;
        long size = inode.size();
        long count = hasFragment ? size / blocks.blockSize() : (size + blocks.blockSize() - 1) / blocks.blockSize();
        if (size < 0 || count > MAX_BLOCKS) {
            throw new SquashfsException("a file of " + size + " bytes, which is too long to look into");
        }
        MetadataCursor table = new MetadataCursor(blocks, inode.table().position(), 0);
        table.skip(inode.table().offset());
        // A list longer than the image can hold ends in an error before it is allocated in whole.
        long[] found = new long[(int) Math.min(count, 1024)];
        for (int at = 0; at < count; at++) {
            if (at == found.length) {
                found = Arrays.copyOf(found, (int) Math.min(count, found.length * 2L));
            }
            found[at] = table.u32();
        }
        sizes = found;
        positions = new long[sizes.length];
        long position = inode.start();
        for (int at = 0; at < sizes.length; at++) {
            positions[at] = position;
            position += sizes[at] & 0xffffff;
        }
        if (hasFragment) {
            if (inode.fragment() >= fragments) {
                throw new SquashfsException("fragment " + inode.fragment() + " of " + fragments);
            }
            long index = fragmentTable + inode.fragment() / 512 * 8;
            long block = blocks.raw(index, 8).getLong();
            MetadataCursor entry = new MetadataCursor(blocks, block, (int) (inode.fragment() % 512) * 16);
            fragmentPosition = entry.u64();
            fragmentSize = entry.u32();
        } else {
            fragmentPosition = 0;
            fragmentSize = 0;
        }
    }

    /** Length in bytes. */
    public long size() {
        return inode.size();
    }

    /**
     * Reads into the remaining space of {@code target}; may read less than asked.
     *
     * @return number of bytes read, or -1 at the end
     */
    public int read(ByteBuffer target, long position) throws IOException {
        if (position < 0 || position >= size()) {
            return -1;
        }
        int number = (int) (position / blocks.blockSize());
        int offset = (int) (position % blocks.blockSize());
        int here = (int) Math.min(blocks.blockSize() - offset, size() - position);
        int count = Math.min(here, target.remaining());
        if (number >= sizes.length) {
            copy(blocks.data(fragmentPosition, fragmentSize), offset + inode.offset(), count, target);
        } else if (sizes[number] == 0) {
            target.put(new byte[count]);
        } else {
            copy(blocks.data(positions[number], sizes[number]), offset, count, target);
        }
        return count;
    }

    private static void copy(byte[] block, int offset, int count, ByteBuffer target) throws SquashfsException {
        if (offset > block.length - count) {
            throw new SquashfsException(
                    "a block of " + block.length + " bytes where " + (offset + count) + " should be");
        }
        target.put(block, offset, count);
    }
}
