package dev.dunnage.launcher.plan;

import dev.dunnage.policy.Decision;
import dev.dunnage.policy.Policy;
import dev.dunnage.policy.Rule;
import dev.dunnage.policy.SignatureFacts;
import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifFormatException;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.key.KeyRing;
import dev.dunnage.sif.verify.SifVerifier;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/** What a policy would say about an image, for people who write policies and sign images. Copies and keeps nothing. */
public final class PolicyTrial {
    private PolicyTrial() {}

    /**
     * Decides as the launcher would, except that the image need not run on this machine.
     *
     * @param asIf path that the rules look at, absolute and without links
     * @param at when the keys must be valid
     */
    public static Decision decide(Policy policy, KeyRing ring, Instant at, Path asIf, ImageBytes image)
            throws IOException, SifFormatException {
        Rule rule = policy.ruleFor(asIf);
        if (!rule.needsSignature()) {
            return rule.decide(new SignatureFacts(Optional.of("not looked at"), Set.of(), Set.of()));
        }
        SifImage structure = SifImage.read(image);
        return rule.decide(SignatureCheck.facts(new SifVerifier(ring, at).verify(structure, image)));
    }
}
