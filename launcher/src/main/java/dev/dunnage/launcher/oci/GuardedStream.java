package dev.dunnage.launcher.oci;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.LongConsumer;

/** Counts what a layer unpacks to, and stops a layer that unpacks to too much, or has one header of too much. */
final class GuardedStream extends FilterInputStream {
    /** Long names and extended attributes are read into memory before anybody can look at them. */
    private static final long HEADER_LIMIT = 4 << 20;

    private final long allowed;
    private final LongConsumer progress;
    private long count;
    private long barrier = Long.MAX_VALUE;

    GuardedStream(InputStream in, long allowed, LongConsumer progress) {
        super(in);
        this.allowed = allowed;
        this.progress = progress;
    }

    /** From here on a header is read, up to the call of {@link #inContent}. */
    void inHeader() {
        barrier = count + HEADER_LIMIT;
    }

    /** Bytes that came by. */
    long count() {
        return count;
    }

    void inContent() {
        barrier = Long.MAX_VALUE;
    }

    @Override
    public int read() throws IOException {
        int one = super.read();
        counted(one < 0 ? -1 : 1);
        return one;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int got = super.read(bytes, offset, length);
        counted(got);
        return got;
    }

    @Override
    public long skip(long wanted) throws IOException {
        long skipped = super.skip(wanted);
        counted(skipped);
        return skipped;
    }

    private void counted(long bytes) throws IOException {
        if (bytes > 0) {
            count += bytes;
            progress.accept(bytes);
            if (count > allowed) {
                throw new IOException("it unpacks to more than " + allowed + " bytes, which is no sane image");
            } else if (count > barrier) {
                throw new IOException("the header of one file is larger than 4 MiB");
            }
        }
    }
}
