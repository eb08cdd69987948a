package dev.dunnage.launcher.plan;

import dev.dunnage.launcher.store.StoreException;
import dev.dunnage.policy.ImageFacts;
import dev.dunnage.policy.Need;
import dev.dunnage.policy.Policy;
import dev.dunnage.policy.Rule;
import dev.dunnage.policy.SignatureFacts;
import dev.dunnage.policy.Subject;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Applies a policy to an image, for steps and for trials alike. The order keeps the costs of refused requests low: nothing
 * is hashed, copied or verified before a rule is known to look at the result.
 */
final class Judge {
    private final Policy policy;
    private final SiteKeys keys;
    private final Instant now;

    /** A judge for one moment. */
    Judge(Policy policy, SiteKeys keys, Instant now) {
        this.policy = policy;
        this.keys = keys;
        this.now = now;
    }

    /**
     * Decides.
     *
     * @param told resolved path of the image, and where it comes from
     */
    Judgement judge(Subject subject, ImageFacts told, ImageInHand image)
            throws RefusedException, StoreException, IOException {
        ImageFacts facts = told;
        Set<Need> missing = policy.missing(subject, facts, now);
        if (missing.contains(Need.DIGEST) || missing.contains(Need.LABELS)) {
            facts = closer(subject, facts, missing, image);
        }
        Rule rule = policy.ruleFor(subject, facts, now);
        SignatureFacts signatures = new SignatureCheck(keys, now).facts(rule, image);
        return new Judgement(rule, rule.decide(signatures), facts, signatures);
    }

    /** A later rule may miss another fact: labels are not read for a rule that the digest settles. */
    private ImageFacts closer(Subject subject, ImageFacts known, Set<Need> first, ImageInHand image)
            throws RefusedException, StoreException, IOException {
        ImageFacts facts = known;
        Set<Need> missing = first;
        while (true) {
            if (missing.contains(Need.DIGEST)) {
                Optional<String> digest = Optional.of("sha256:" + image.digest().hex());
                facts = new ImageFacts(facts.path(), digest, facts.source(), facts.labels());
            } else if (missing.contains(Need.LABELS)) {
                Optional<Map<String, String>> labels = Optional.of(image.labels());
                facts = new ImageFacts(facts.path(), facts.digest(), facts.source(), labels);
            } else {
                return facts;
            }
            missing = policy.missing(subject, facts, now);
        }
    }
}
