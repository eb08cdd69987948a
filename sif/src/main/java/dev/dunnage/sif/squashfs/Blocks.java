package dev.dunnage.sif.squashfs;

import dev.dunnage.sif.ImageBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;

/** Blocks of one file system, unpacked; keeps the last ones. Positions count from its start. Not thread-safe. */
final class Blocks {
    static final int METADATA = 8192;
    private static final int KEPT_METADATA = 512;
    private static final int KEPT_BYTES = 8 << 20;

    /** A block of metadata, and where the one behind it starts. */
    static final class Metadata {
        private final byte[] content;
        private final long next;

        Metadata(byte[] content, long next) {
            this.content = content;
            this.next = next;
        }

        byte[] content() {
            return content;
        }

        long next() {
            return next;
        }
    }

    private final ImageBytes bytes;
    private final long start;
    private final long length;
    private final int blockSize;
    private final Inflating inflating;
    private final Map<Long, Metadata> metadata;
    private final Map<Long, byte[]> data;

    Blocks(ImageBytes bytes, long start, long length, int blockSize, Inflating inflating) {
        this.bytes = bytes;
        this.start = start;
        this.length = length;
        this.blockSize = blockSize;
        this.inflating = inflating;
        this.metadata = bounded(KEPT_METADATA);
        this.data = bounded(Math.max(2, KEPT_BYTES / blockSize));
    }

    private static <V> Map<Long, V> bounded(int limit) {
        return new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Long, V> eldest) {
                return size() > limit;
            }
        };
    }

    int blockSize() {
        return blockSize;
    }

    /** Bytes as they stand; the caller has a limit of its own. */
    ByteBuffer raw(long position, int count) throws IOException {
        check(position, count);
        return ByteBuffer.wrap(bytes.bytes(start + position, count)).order(ByteOrder.LITTLE_ENDIAN);
    }

    Metadata metadata(long position) throws IOException {
        Metadata known = metadata.get(position);
        if (known == null) {
            int header = Short.toUnsignedInt(raw(position, 2).getShort());
            int size = header & 0x7fff;
            if (size > METADATA) {
                throw new SquashfsException("a block of metadata of " + size + " bytes at " + position);
            }
            byte[] stored = raw(position + 2, size).array();
            byte[] content = (header & 0x8000) != 0 ? stored : inflating.inflate(stored, METADATA);
            known = new Metadata(content, position + 2 + size);
            metadata.put(position, known);
        }
        return known;
    }

    /**
     * A block of a file.
     *
     * @param sizeField its stored length, bit 24 set when it is not compressed
     */
    byte[] data(long position, long sizeField) throws IOException {
        byte[] known = data.get(position);
        if (known == null) {
            long size = sizeField & 0xffffff;
            if (size > blockSize || (sizeField >>> 25) != 0) {
                throw new SquashfsException("a block of " + sizeField + " bytes at " + position);
            }
            byte[] stored = raw(position, (int) size).array();
            known = (sizeField & 1 << 24) != 0 ? stored : inflating.inflate(stored, blockSize);
            data.put(position, known);
        }
        return known;
    }

    private void check(long position, long count) throws SquashfsException {
        if (position < 0 || position > length - count) {
            throw new SquashfsException(
                    "bytes " + position + " to " + (position + count) + " are outside of the file system of " + length);
        }
    }
}
