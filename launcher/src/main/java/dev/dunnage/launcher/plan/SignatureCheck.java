package dev.dunnage.launcher.plan;

import dev.dunnage.launcher.store.VerdictCache;
import dev.dunnage.launcher.wire.Code;
import dev.dunnage.policy.SignatureFacts;
import dev.dunnage.sif.key.KeyFacts;
import dev.dunnage.sif.key.KeyRing;
import dev.dunnage.sif.key.KeyRingException;
import dev.dunnage.sif.verify.SifVerifier;
import dev.dunnage.sif.verify.Verification;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** What the signatures of an image say, from an earlier verification of the same content where there was one. */
final class SignatureCheck {
    /** Signatures can expire by themselves: no verdict is older than this. */
    private static final Duration VERDICT_LIFE = Duration.ofHours(24);
    /** What is refused today may be mended by time alone, for example after a clock was wrong. */
    private static final Duration REJECTION_LIFE = Duration.ofMinutes(10);

    private final Clock clock;

    SignatureCheck(Clock clock) {
        this.clock = clock;
    }

    /**
     * Verifies all that the image claims.
     *
     * @param subject name of content that cannot change; empty: nothing is remembered
     */
    SignatureFacts facts(RootFileSystem image, SiteKeys keys, VerdictCache verdicts, Optional<String> subject)
            throws RefusedException, IOException {
        Optional<SignatureFacts> known = subject.flatMap(name -> verdicts.find(name, keys.generation()));
        if (known.isPresent()) {
            return known.get();
        }
        Instant now = clock.instant();
        KeyRing ring = ring(keys);
        Verification found = new SifVerifier(ring, now).verify(image.image(), image.bytes());
        SignatureFacts facts = facts(found);
        subject.ifPresent(name -> verdicts.put(name, keys.generation(), facts, until(facts, ring, now)));
        return facts;
    }

    static SignatureFacts facts(Verification found) {
        return new SignatureFacts(found.rejection(), found.signersOfEveryGroup(), found.signersOfAnyGroup());
    }

    private static KeyRing ring(SiteKeys keys) throws RefusedException, IOException {
        try {
            return keys.ring();
        } catch (KeyRingException e) {
            throw new RefusedException(
                    Code.CONFIG, e.getMessage() + "; no container can start, tell your system administrators", e);
        }
    }

    private static Instant until(SignatureFacts facts, KeyRing ring, Instant now) {
        Instant until = now.plus(facts.rejection().isPresent() ? REJECTION_LIFE : VERDICT_LIFE);
        for (KeyFacts key : ring.keys()) {
            Instant end = key.expires().orElse(until);
            if (end.isAfter(now) && end.isBefore(until)) {
                until = end;
            }
        }
        return until;
    }
}
