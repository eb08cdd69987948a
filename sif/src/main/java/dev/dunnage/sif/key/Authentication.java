package dev.dunnage.sif.key;

import java.time.Instant;
import java.util.Optional;

/**
 * Outcome of checking one signature over a text against one certificate.
 *
 * @param created when the signature says it was made
 * @param reason one line: cause, and remedy where there is one; empty when good
 */
public record Authentication(Outcome outcome, Optional<Instant> created, String reason) {
    /** What is known about the signature. All but GOOD are refusals. */
    public enum Outcome {
        /** Made by a usable key of the certificate, and valid at the time asked for. */
        GOOD,
        /** Not an OpenPGP signature that is understood here. */
        MALFORMED,
        /** Hash or key too weak. */
        WEAK,
        /** Made by a key that is not in the certificate. */
        OTHER_KEY,
        /** The text or the signature was changed. */
        BAD,
        /** Good, but the key is revoked. */
        REVOKED_KEY,
        /** Good, but the key is not valid at the time asked for. */
        EXPIRED_KEY,
        /** Good, but the key must not sign. */
        NOT_FOR_SIGNING,
        /** Good, but no longer valid. */
        EXPIRED,
        /** Good, but dated after the time asked for, or before the key existed. */
        WRONG_TIME
    }

    boolean good() {
        return outcome == Outcome.GOOD;
    }
}
