package dev.dunnage.launcher.plan;

import dev.dunnage.launcher.store.StoreException;
import dev.dunnage.launcher.wire.Code;
import dev.dunnage.policy.Rule;
import dev.dunnage.policy.SignatureFacts;
import dev.dunnage.policy.SignatureForm;
import dev.dunnage.sif.key.KeyFacts;
import dev.dunnage.sif.key.KeyRing;
import dev.dunnage.sif.key.KeyRingException;
import dev.dunnage.sif.key.PemKeys;
import dev.dunnage.sif.verify.SifVerifier;
import dev.dunnage.sif.verify.SignatureStatus;
import dev.dunnage.sif.verify.Verification;
import dev.dunnage.sif.verify.VerifyScope;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/** What the signatures of an image say, from an earlier verification of the same content where there was one. */
final class SignatureCheck {
    /** Signatures can expire by themselves: no verdict is older than this. */
    private static final Duration VERDICT_LIFE = Duration.ofHours(24);
    /** What is refused today may be mended by time alone, for example after a clock was wrong. */
    private static final Duration REJECTION_LIFE = Duration.ofMinutes(10);

    private final SiteKeys keys;
    private final Instant now;

    /** A check for one moment. */
    SignatureCheck(SiteKeys keys, Instant now) {
        this.keys = keys;
        this.now = now;
    }

    /** Looks as closely as the rule does. */
    SignatureFacts facts(Rule rule, ImageInHand image) throws RefusedException, StoreException, IOException {
        return switch (rule.look()) {
            case NOTHING -> SignatureFacts.unverified(Set.of());
            case CLAIMS -> SignatureFacts.unverified(image.structure().claimedSigners());
            case VERIFICATION -> verified(rule, image);
        };
    }

    private SignatureFacts verified(Rule rule, ImageInHand image) throws RefusedException, StoreException, IOException {
        if (rule.demandsSignature() && image.structure().hasSignature()) {
            image.fix(); // without a signature the rule is sure to refuse
        }
        SignatureForm form = rule.signatureForm();
        Optional<ImageInHand.Remembered> place = image.remembered();
        Optional<SignatureFacts> known = place.flatMap(at -> at.verdicts().find(at.content(), keys.generation(), form));
        if (known.isPresent()) {
            return known.get();
        }
        KeyRing ring = ring();
        SignatureFacts facts = facts(form, verify(form, ring, image));
        place.ifPresent(at -> at.verdicts().put(at.content(), keys.generation(), facts, until(facts, ring)));
        return facts;
    }

    private Verification verify(SignatureForm form, KeyRing ring, ImageInHand image)
            throws RefusedException, IOException {
        RootFileSystem structure = image.structure();
        SifVerifier verifier = new SifVerifier(ring, form == SignatureForm.MODERN ? pemKeys() : PemKeys.empty(), now);
        return form == SignatureForm.LEGACY
                ? verifier.verifyLegacy(
                        structure.image(),
                        image.bytes(),
                        new VerifyScope.SingleObject(structure.root().id()))
                : verifier.verify(structure.image(), image.bytes());
    }

    private static SignatureFacts facts(SignatureForm form, Verification found) {
        Optional<String> rejection = found.objection();
        if (rejection.isEmpty() && form == SignatureForm.OPENPGP) {
            rejection = found.signatures().stream()
                    .filter(signature -> signature.status() == SignatureStatus.UNSUPPORTED)
                    .findFirst()
                    .map(signature ->
                            "signature object " + signature.objectId() + " is not valid: " + signature.reason());
        }
        return new SignatureFacts(
                rejection, found.signersOfEveryGroup(), found.signersOfAnyGroup(), form, found.claimed());
    }

    private KeyRing ring() throws RefusedException {
        try {
            return keys.ring();
        } catch (KeyRingException e) {
            throw unusable(e);
        }
    }

    private PemKeys pemKeys() throws RefusedException {
        try {
            return keys.pemKeys();
        } catch (KeyRingException e) {
            throw unusable(e);
        }
    }

    private static RefusedException unusable(KeyRingException e) {
        return new RefusedException(
                Code.CONFIG, e.getMessage() + "; no container can start, tell your system administrators", e);
    }

    private Instant until(SignatureFacts facts, KeyRing ring) {
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
