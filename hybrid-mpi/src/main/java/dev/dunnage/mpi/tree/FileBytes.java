package dev.dunnage.mpi.tree;

import java.io.EOFException;
import java.io.IOException;

/** Random access to the content of one open file. Not thread-safe. */
public interface FileBytes extends AutoCloseable {
    /** Length in bytes. */
    long size();

    /**
     * Reads into a part of {@code target}; may read less than asked.
     *
     * @return number of bytes read, or -1 at the end
     */
    int read(long position, byte[] target, int offset, int length) throws IOException;

    /**
     * Exactly so many bytes; the caller has checked the length against a limit of its own.
     *
     * @throws EOFException when the file has fewer
     */
    default byte[] bytes(long position, int length) throws IOException {
        if (position < 0 || position > size() - length) {
            throw new EOFException("bytes " + position + " to " + (position + length) + " of a file of " + size());
        }
        byte[] content = new byte[length];
        for (int at = 0; at < length; ) {
            int count = read(position + at, content, at, length - at);
            if (count <= 0) {
                throw new EOFException("the file ended while it was read");
            }
            at += count;
        }
        return content;
    }

    @Override
    void close() throws IOException;
}
