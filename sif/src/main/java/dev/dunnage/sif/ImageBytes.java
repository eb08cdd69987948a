package dev.dunnage.sif;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * Random access to the bytes of one open image; implementations may be a file channel or a received descriptor.
 * Thread-safe.
 */
public interface ImageBytes {
    /** Length of the image in bytes. */
    long size() throws IOException;

    /**
     * Reads into the remaining space of {@code target} from the byte at {@code position} on; may read less than asked.
     *
     * @return number of bytes read, or -1 at the end of the image
     */
    int read(ByteBuffer target, long position) throws IOException;

    /** The bytes of an open file; the caller keeps the channel open and closes it. */
    static ImageBytes of(FileChannel channel) {
        return new ImageBytes() {
            @Override
            public long size() throws IOException {
                return channel.size();
            }

            @Override
            public int read(ByteBuffer target, long position) throws IOException {
                return channel.read(target, position);
            }
        };
    }

    /**
     * Fills the remaining space of {@code target}.
     *
     * @throws EOFException when the image ends first, which means that it was cut while it was read
     */
    default void readFully(ByteBuffer target, long position) throws IOException {
        long at = position;
        while (target.hasRemaining()) {
            int count = read(target, at);
            if (count <= 0) {
                throw new EOFException("the image ended at byte " + at + " while it was read: do not change images in"
                        + " use, try again");
            }
            at += count;
        }
    }

    /** Exactly {@code length} bytes from {@code position} on; the caller has checked both against a limit. */
    default byte[] bytes(long position, int length) throws IOException {
        byte[] content = new byte[length];
        readFully(ByteBuffer.wrap(content), position);
        return content;
    }
}
