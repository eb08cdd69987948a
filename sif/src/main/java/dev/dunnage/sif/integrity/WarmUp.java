package dev.dunnage.sif.integrity;

import java.nio.ByteBuffer;
import java.security.MessageDigest;

/**
 * Gets the hash compiled while signatures are still being checked. A fresh Java runtime hashes its first megabytes ten
 * times as slowly as all others; in a warm one this is done within milliseconds.
 */
final class WarmUp {
    private static final long WORTHWHILE = 256L << 20;
    private static final int PIECE = 256 << 10;
    private static final int PIECES = 32;

    private WarmUp() {}

    /** Starts it in a thread of its own, if so many bytes are to be hashed that it pays. */
    static void start(long expected) {
        if (expected >= WORTHWHILE) {
            Thread thread = new Thread(WarmUp::run, "sif-warm-up");
            thread.setDaemon(true);
            thread.start();
        }
    }

    /** At once, in this thread. */
    static void run() {
        MessageDigest digest = DigestAlgorithm.SHA256.start();
        ByteBuffer zeros = ByteBuffer.allocateDirect(PIECE);
        for (int i = 0; i < PIECES; i++) {
            digest.update(zeros.duplicate());
        }
        digest.digest();
    }
}
