package dev.dunnage.sif;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The superblock of a squashfs 4.0 file system.
 *
 * @param compressor name of the compression, for example {@code zstd}
 * @param blockSize bytes of a data block
 * @param bytesUsed length of the file system
 */
public record Squashfs(String compressor, int blockSize, long bytesUsed) {
    private static final int SUPERBLOCK = 96;
    private static final int MAGIC = 0x73717368;
    private static final String[] COMPRESSORS = {"gzip", "lzma", "lzo", "xz", "lz4", "zstd"};
    private static final int[] TABLES = {48, 56, 64, 72, 80, 88};

    /**
     * Reads the superblock at {@code offset} of a file system that has {@code size} bytes.
     *
     * @throws SifFormatException when the bytes are no squashfs that fits into {@code size}
     */
    public static Squashfs read(ImageBytes bytes, long offset, long size) throws IOException, SifFormatException {
        if (size < SUPERBLOCK) {
            throw new SifFormatException("squashfs size", size, "at least " + SUPERBLOCK, offset);
        }
        ByteBuffer block = ByteBuffer.wrap(bytes.bytes(offset, SUPERBLOCK)).order(ByteOrder.LITTLE_ENDIAN);
        if (block.getInt(0) != MAGIC) {
            throw new SifFormatException("squashfs magic", "0x%08x".formatted(block.getInt(0)), "hsqs", offset);
        }
        int version = block.getShort(28) << 16 | block.getShort(30);
        if (version != 4 << 16) {
            throw new SifFormatException("squashfs version", "0x%08x".formatted(version), "4.0", offset + 28);
        }
        int compressor = Short.toUnsignedInt(block.getShort(20));
        if (compressor < 1 || compressor > COMPRESSORS.length) {
            throw new SifFormatException("squashfs compressor", compressor, "1 to 6", offset + 20);
        }
        checkSizes(block, offset, size);
        return new Squashfs(COMPRESSORS[compressor - 1], block.getInt(12), block.getLong(40));
    }

    private static void checkSizes(ByteBuffer block, long offset, long size) throws SifFormatException {
        int blockSize = block.getInt(12);
        int blockLog = Short.toUnsignedInt(block.getShort(22));
        if (blockLog < 12 || blockLog > 20 || blockSize != 1 << blockLog) {
            throw new SifFormatException(
                    "squashfs block size", blockSize, "2^12 to 2^20, and 2^" + blockLog, offset + 12);
        }
        long used = block.getLong(40);
        if (used < SUPERBLOCK || used > size) {
            throw new SifFormatException("squashfs length", used, "96 to the object's size " + size, offset + 40);
        }
        for (int at : TABLES) {
            long table = block.getLong(at);
            if (table != -1 && (table < SUPERBLOCK || table > used)) {
                throw new SifFormatException("squashfs table offset", table, "96 to " + used, offset + at);
            }
        }
    }
}
