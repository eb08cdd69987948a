package dev.dunnage.launcher.store;

import dev.dunnage.launcher.wire.ContentDigest;
import dev.dunnage.sif.ImageBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256 of images as a whole. */
public final class ContentHash {
    private static final int CHUNK = 1 << 20;

    private ContentHash() {}

    /** Where the bytes go while they are hashed. */
    interface Sink {
        void accept(ByteBuffer chunk) throws IOException;
    }

    /** The digest of exactly {@code size} bytes. */
    public static ContentDigest of(ImageBytes image, long size) throws IOException {
        return of(image, size, chunk -> {});
    }

    static ContentDigest of(ImageBytes image, long size, Sink sink) throws IOException {
        MessageDigest hash = sha256();
        ByteBuffer chunk = ByteBuffer.allocateDirect((int) Math.min(CHUNK, size));
        for (long at = 0; at < size; ) {
            chunk.clear().limit((int) Math.min(CHUNK, size - at));
            image.readFully(chunk, at);
            at += chunk.position();
            hash.update(chunk.flip());
            chunk.rewind();
            sink.accept(chunk);
        }
        return ContentDigest.of(hash.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
