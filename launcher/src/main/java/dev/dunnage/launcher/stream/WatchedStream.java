package dev.dunnage.launcher.stream;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A stream of which nothing is read, or passed over, that does not come by in a block. */
public abstract class WatchedStream extends FilterInputStream {
    private static final int SKIPPED = 1 << 16;

    /** Reads nothing yet. */
    protected WatchedStream(InputStream in) {
        super(in);
    }

    @Override
    public final int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public abstract int read(byte[] target, int from, int length) throws IOException;

    @Override
    public final long skip(long count) throws IOException {
        return readNBytes((int) Math.min(count, SKIPPED)).length;
    }

    @Override
    public final boolean markSupported() {
        return false;
    }
}
