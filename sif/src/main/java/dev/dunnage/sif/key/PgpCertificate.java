package dev.dunnage.sif.key;

import java.io.IOException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.Optional;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPPublicKeyRing;
import org.bouncycastle.openpgp.operator.bc.BcKeyFingerprintCalculator;

/** A public key with its subkeys, and the check of signatures by it. Not thread-safe. */
public final class PgpCertificate {
    private final PGPPublicKeyRing ring;
    private final KeyFacts facts;
    private final boolean primarySigns;

    PgpCertificate(PGPPublicKeyRing ring) {
        this.ring = ring;
        PGPPublicKey primary = ring.getPublicKey();
        SelfSignatures self = new SelfSignatures(primary);
        this.primarySigns = self.maySign();
        this.facts = new KeyFacts(
                fingerprint(primary),
                Algorithms.name(primary),
                self.userId(),
                primary.getCreationTime().toInstant(),
                self.expires(),
                self.revoked(),
                primarySigns || anySubkeySigns());
    }

    static PgpCertificate decode(byte[] packets) {
        try {
            return new PgpCertificate(new PGPPublicKeyRing(packets, new BcKeyFingerprintCalculator()));
        } catch (IOException e) {
            throw new IllegalStateException("a key that was read cannot be read again", e);
        }
    }

    static String fingerprint(PGPPublicKey key) {
        return HexFormat.of().withUpperCase().formatHex(key.getFingerprint());
    }

    public KeyFacts facts() {
        return facts;
    }

    boolean primarySigns() {
        return primarySigns;
    }

    /**
     * Checks a signature over a text.
     *
     * @param canonical the signed text with CRLF line ends and no trailing blanks
     * @param at the time at which key and signature must be valid
     */
    public Authentication authenticate(SignaturePacket packet, byte[] canonical, Instant at) {
        if (packet.hash().isEmpty()) {
            return result(packet, Authentication.Outcome.WEAK, "its hash is too weak or unknown, sign with SHA-256");
        }
        Authentication last = result(
                packet,
                Authentication.Outcome.OTHER_KEY,
                "it was made by key %s, which is not part of key %s".formatted(packet.issuer(), facts.fingerprint()));
        for (PGPPublicKey key : ring) {
            if (packet.mayBeBy(key.getKeyID(), key.getFingerprint())) {
                last = authenticate(packet, key, canonical, at);
                if (last.good()) {
                    return last;
                }
            }
        }
        return last;
    }

    private Authentication authenticate(SignaturePacket packet, PGPPublicKey key, byte[] canonical, Instant at) {
        if (packet.signature().getKeyAlgorithm() != key.getAlgorithm()) {
            return result(packet, Authentication.Outcome.MALFORMED, "its algorithm is not the key's");
        }
        if (!Algorithms.isStrong(key)) {
            return result(
                    packet,
                    Authentication.Outcome.WEAK,
                    "%s is too weak or not supported, sign with another key".formatted(Algorithms.name(key)));
        }
        boolean good = SelfSignatures.verifies(packet.signature(), key, s -> {
            s.update(canonical);
            return s.verify();
        });
        if (!good) {
            return result(packet, Authentication.Outcome.BAD, "the signed text or the signature was changed");
        }
        return key.isMasterKey() ? byPrimary(packet, at) : bySubkey(packet, key, at);
    }

    private Authentication byPrimary(SignaturePacket packet, Instant at) {
        if (!facts.revoked() && !facts.expiredAt(at) && !primarySigns) {
            return result(
                    packet,
                    Authentication.Outcome.NOT_FOR_SIGNING,
                    "the key lacks the sign flag or a proper self-signature, sign with another key");
        }
        return byUsable(packet, facts.created(), at);
    }

    private Authentication bySubkey(SignaturePacket packet, PGPPublicKey key, Instant at) {
        Subkey subkey = new Subkey(ring.getPublicKey(), key);
        if (subkey.revoked()) {
            return result(packet, Authentication.Outcome.REVOKED_KEY, "the subkey that made it is revoked");
        }
        if (!subkey.maySign()) {
            return result(packet, Authentication.Outcome.NOT_FOR_SIGNING, "the subkey that made it must not sign");
        }
        if (subkey.expires().filter(end -> !end.isAfter(at)).isPresent()) {
            return result(packet, Authentication.Outcome.EXPIRED_KEY, "the subkey that made it has expired");
        }
        return byUsable(packet, key.getCreationTime().toInstant(), at);
    }

    private Authentication byUsable(SignaturePacket packet, Instant keyCreated, Instant at) {
        if (facts.revoked()) {
            return result(packet, Authentication.Outcome.REVOKED_KEY, "the key is revoked, sign with another key");
        }
        if (facts.expiredAt(at)) {
            return result(
                    packet,
                    Authentication.Outcome.EXPIRED_KEY,
                    "the key expired at %s, extend it or sign with another key"
                            .formatted(facts.expires().map(Instant::toString).orElse("")));
        }
        if (keyCreated.isAfter(at)) {
            return result(
                    packet,
                    Authentication.Outcome.EXPIRED_KEY,
                    "the key is dated %s, in the future; check the clock".formatted(keyCreated));
        }
        if (packet.expires().filter(end -> !end.isAfter(at)).isPresent()) {
            return result(packet, Authentication.Outcome.EXPIRED, "it has expired, sign the image anew");
        }
        if (packet.created().isAfter(at) || packet.created().isBefore(keyCreated)) {
            return result(
                    packet,
                    Authentication.Outcome.WRONG_TIME,
                    "it is dated %s, in the future or before the key was made".formatted(packet.created()));
        }
        return new Authentication(Authentication.Outcome.GOOD, Optional.of(packet.created()), "");
    }

    private boolean anySubkeySigns() {
        PGPPublicKey primary = ring.getPublicKey();
        for (Iterator<PGPPublicKey> all = ring.getPublicKeys(); all.hasNext(); ) {
            PGPPublicKey key = all.next();
            if (!key.isMasterKey()) {
                Subkey subkey = new Subkey(primary, key);
                if (subkey.maySign() && !subkey.revoked()) {
                    return true;
                }
            }
        }
        return false;
    }

    private static Authentication result(SignaturePacket packet, Authentication.Outcome outcome, String reason) {
        return new Authentication(outcome, Optional.of(packet.created()), reason);
    }
}
