package dev.dunnage.sif.verify;

import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.key.KeyRing;
import java.io.IOException;
import java.time.Instant;

/** Verifies the modern PGP signatures of images against a ring of trusted keys. Thread-safe. */
public final class SifVerifier {
    private final KeyRing ring;
    private final Instant at;

    /**
     * A verifier for one moment.
     *
     * @param at the time at which keys and signatures must be valid, usually now
     */
    public SifVerifier(KeyRing ring, Instant at) {
        this.ring = ring;
        this.at = at;
    }

    /**
     * Checks every signature of the image and everything that the good ones state. Objects are read only when a key of
     * the ring signed for them, and each of them once.
     */
    public Verification verify(SifImage image, ImageBytes bytes) throws IOException {
        return new VerificationRun(image, bytes, ring, at).run();
    }
}
