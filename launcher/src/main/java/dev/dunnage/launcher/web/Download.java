package dev.dunnage.launcher.web;

import dev.dunnage.launcher.reference.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Optional;

/**
 * A content of known length. Large ones are fetched by several connections where the server gives parts.
 *
 * @param digest that it must have, if that is known
 * @param size in bytes
 */
public record Download(Web web, Content content, Optional<Digest> digest, long size) {
    private static final int SEGMENT = 8 << 20;
    private static final int LANES = 4;

    /** A content of known digest. */
    public Download(Web web, Content content, Digest digest, long size) {
        this(web, content, Optional.of(digest), size);
    }

    /**
     * The content as one stream, whose last read fails when the digest is another one.
     *
     * @param meter is told of each byte
     */
    public InputStream open(Meter meter) throws IOException {
        return open(0, CheckedStream.sha256(), meter);
    }

    /**
     * The rest of the content, when its beginning is here.
     *
     * @param from number of bytes that are here
     * @param hash that has seen them
     */
    public InputStream open(long from, MessageDigest hash, Meter meter) throws IOException {
        return new CheckedStream(raw(from), hash, digest, meter);
    }

    private InputStream raw(long from) throws IOException {
        long end = Math.min(size, from + SEGMENT);
        ResumingStream first = new ResumingStream(web, content, from, end, size);
        if (end == size) {
            return first;
        } else if (!first.connect()) {
            first.extend();
            return first;
        }
        return new ParallelStream(web, content, first, end, size, SEGMENT, LANES);
    }
}
