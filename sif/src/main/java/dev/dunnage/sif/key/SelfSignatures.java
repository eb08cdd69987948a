package dev.dunnage.sif.key;

import dev.dunnage.sif.Printable;
import java.time.Instant;
import java.util.Iterator;
import java.util.Optional;
import org.bouncycastle.bcpg.SignatureSubpacketTags;
import org.bouncycastle.bcpg.sig.KeyFlags;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.operator.bc.BcPGPContentVerifierBuilderProvider;

/**
 * The signatures by which a primary key speaks about itself (RFC 4880, section 5.2.3.3). Only good ones over an
 * accepted hash count; where several exist, the newest user id certification and the newest direct signature.
 */
final class SelfSignatures {
    private final PGPPublicKey primary;
    private Optional<PGPSignature> certification = Optional.empty();
    private Optional<PGPSignature> direct = Optional.empty();
    private String userId = "";

    SelfSignatures(PGPPublicKey primary) {
        this.primary = primary;
        for (Iterator<byte[]> ids = primary.getRawUserIDs(); ids.hasNext(); ) {
            considerUserId(ids.next());
        }
        for (Iterator<PGPSignature> all = primary.getKeySignatures(); all.hasNext(); ) {
            PGPSignature each = all.next();
            if (each.getSignatureType() == PGPSignature.DIRECT_KEY
                    && isGood(each, s -> s.verifyCertification(primary))) {
                direct = Optional.of(newer(direct, each));
            }
        }
    }

    String userId() {
        return userId;
    }

    boolean maySign() {
        int flags = flags(certification).or(() -> flags(direct)).orElse(0);
        return (flags & KeyFlags.SIGN_DATA) != 0;
    }

    /** End of validity: the earlier one when certification and direct signature both give one. */
    Optional<Instant> expires() {
        Optional<Instant> first = expiry(primary, certification);
        Optional<Instant> second = expiry(primary, direct);
        return first.isPresent() && second.isPresent()
                ? (first.get().isBefore(second.get()) ? first : second)
                : first.or(() -> second);
    }

    /**
     * Whether the key is revoked. A revocation by another key may come from a designated revoker, whose key need not be
     * here: it counts.
     */
    boolean revoked() {
        for (Iterator<PGPSignature> all = primary.getSignaturesOfType(PGPSignature.KEY_REVOCATION); all.hasNext(); ) {
            PGPSignature each = all.next();
            if (each.getKeyID() != primary.getKeyID() || verifies(each, primary, s -> s.verifyCertification(primary))) {
                return true;
            }
        }
        return false;
    }

    private void considerUserId(byte[] id) {
        Optional<PGPSignature> newest = Optional.empty();
        Optional<PGPSignature> revocation = Optional.empty();
        for (Iterator<PGPSignature> all = primary.getSignaturesForID(id); all != null && all.hasNext(); ) {
            PGPSignature each = all.next();
            if (PGPSignature.isCertification(each.getSignatureType())
                    && isGood(each, s -> s.verifyCertification(id, primary))) {
                newest = Optional.of(newer(newest, each));
            } else if (each.getSignatureType() == PGPSignature.CERTIFICATION_REVOCATION
                    && each.getKeyID() == primary.getKeyID()
                    && verifies(each, primary, s -> s.verifyCertification(id, primary))) {
                revocation = Optional.of(newer(revocation, each));
            }
        }
        if (newest.isEmpty() || (revocation.isPresent() && newer(newest, revocation.get()) == revocation.get())) {
            return;
        }
        if (newer(certification, newest.get()) == newest.get()) {
            certification = newest;
            userId = Printable.of(id);
        }
    }

    private boolean isGood(PGPSignature signature, Check check) {
        return signature.getKeyID() == primary.getKeyID()
                && Algorithms.hash(signature.getHashAlgorithm()).isPresent()
                && verifies(signature, primary, check);
    }

    /** The later of the two; the second one when both have the same time. */
    static PGPSignature newer(Optional<PGPSignature> known, PGPSignature other) {
        return known.filter(k -> created(k).isAfter(created(other))).orElse(other);
    }

    static Instant created(PGPSignature signature) {
        return signature.getCreationTime().toInstant();
    }

    static Optional<Integer> flags(Optional<PGPSignature> signature) {
        return signature
                .filter(s -> s.getHashedSubPackets().hasSubpacket(SignatureSubpacketTags.KEY_FLAGS))
                .map(s -> s.getHashedSubPackets().getKeyFlags());
    }

    static Optional<Instant> expiry(PGPPublicKey key, Optional<PGPSignature> signature) {
        return signature
                .map(s -> s.getHashedSubPackets().getKeyExpirationTime())
                .filter(seconds -> seconds > 0)
                .map(seconds -> key.getCreationTime().toInstant().plusSeconds(seconds));
    }

    /** One way to check a signature that has been prepared with its key. */
    @FunctionalInterface
    interface Check {
        boolean test(PGPSignature signature) throws PGPException;
    }

    /** Whether a signature is good; anything odd in untrusted packets counts as bad. */
    static boolean verifies(PGPSignature signature, PGPPublicKey key, Check check) {
        try {
            signature.init(new BcPGPContentVerifierBuilderProvider(), key);
            return check.test(signature);
        } catch (PGPException | RuntimeException e) {
            return false;
        }
    }
}
