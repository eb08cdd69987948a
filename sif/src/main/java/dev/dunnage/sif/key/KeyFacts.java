package dev.dunnage.sif.key;

import java.time.Instant;
import java.util.Optional;

/**
 * What a public key says about itself, backed by its own good self-signatures.
 *
 * @param fingerprint of the primary key, 40 upper-case hex digits
 * @param algorithm for example {@code RSA 4096} or {@code Ed25519}
 * @param userId newest user id, safe to print; empty when there is none
 * @param expires end of validity; empty when the key does not expire
 * @param revoked whether a revocation is present, of whatever date
 * @param canSign whether the primary key or a subkey carries the sign flag
 */
public record KeyFacts(
        String fingerprint,
        String algorithm,
        String userId,
        Instant created,
        Optional<Instant> expires,
        boolean revoked,
        boolean canSign) {

    /** Whether the key has run out at that time. */
    public boolean expiredAt(Instant at) {
        return expires.filter(end -> !end.isAfter(at)).isPresent();
    }
}
