package dev.dunnage.sif.key;

import java.time.Instant;
import java.util.Iterator;
import java.util.Optional;
import org.bouncycastle.bcpg.sig.KeyFlags;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureList;

/**
 * A subkey with its binding to the primary key (RFC 4880, section 11.1). To sign, the binding needs the sign flag and,
 * inside, the subkey's own consent.
 */
final class Subkey {
    private final PGPPublicKey primary;
    private final PGPPublicKey key;
    private final Optional<PGPSignature> binding;

    Subkey(PGPPublicKey primary, PGPPublicKey key) {
        this.primary = primary;
        this.key = key;
        this.binding = newestBinding();
    }

    boolean maySign() {
        int flags = SelfSignatures.flags(binding).orElse(0);
        return (flags & KeyFlags.SIGN_DATA) != 0 && consents();
    }

    Optional<Instant> expires() {
        return SelfSignatures.expiry(key, binding);
    }

    boolean revoked() {
        for (Iterator<PGPSignature> all = key.getSignaturesOfType(PGPSignature.SUBKEY_REVOCATION); all.hasNext(); ) {
            PGPSignature each = all.next();
            if (each.getKeyID() != primary.getKeyID() || isByPrimary(each)) {
                return true;
            }
        }
        return false;
    }

    private Optional<PGPSignature> newestBinding() {
        Optional<PGPSignature> newest = Optional.empty();
        for (Iterator<PGPSignature> all = key.getSignaturesOfType(PGPSignature.SUBKEY_BINDING); all.hasNext(); ) {
            PGPSignature each = all.next();
            boolean good = each.getKeyID() == primary.getKeyID()
                    && Algorithms.hash(each.getHashAlgorithm()).isPresent()
                    && isByPrimary(each);
            if (good) {
                newest = Optional.of(SelfSignatures.newer(newest, each));
            }
        }
        return newest;
    }

    private boolean isByPrimary(PGPSignature signature) {
        return SelfSignatures.verifies(signature, primary, s -> s.verifyCertification(primary, key));
    }

    private boolean consents() {
        try {
            if (binding.isEmpty()) {
                return false;
            }
            PGPSignatureList embedded = binding.get().getHashedSubPackets().getEmbeddedSignatures();
            PGPSignatureList unhashed = binding.get().getUnhashedSubPackets().getEmbeddedSignatures();
            return anyConsent(embedded) || anyConsent(unhashed);
        } catch (PGPException | RuntimeException e) {
            return false;
        }
    }

    private boolean anyConsent(PGPSignatureList signatures) {
        for (PGPSignature each : signatures) {
            if (each.getSignatureType() == PGPSignature.PRIMARYKEY_BINDING
                    && Algorithms.hash(each.getHashAlgorithm()).isPresent()
                    && SelfSignatures.verifies(each, key, s -> s.verifyCertification(primary, key))) {
                return true;
            }
        }
        return false;
    }
}
