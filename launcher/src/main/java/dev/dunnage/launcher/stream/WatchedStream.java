package dev.dunnage.launcher.stream;

import java.io.IOException;
import java.io.InputStream;

/** A stream over another one, of which nothing is read, or passed over, that does not come by in a block. */
public abstract class WatchedStream extends BlockStream {
    private static final int SKIPPED = 1 << 16;

    /** What is watched. */
    protected final InputStream in;

    /** Reads nothing yet. */
    protected WatchedStream(InputStream in) {
        this.in = in;
    }

    @Override
    public final long skip(long count) throws IOException {
        return readNBytes((int) Math.min(count, SKIPPED)).length;
    }

    @Override
    public final int available() throws IOException {
        return in.available();
    }

    @Override
    public final void close() throws IOException {
        in.close();
    }
}
