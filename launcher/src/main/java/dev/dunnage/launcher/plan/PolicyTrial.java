package dev.dunnage.launcher.plan;

import dev.dunnage.launcher.store.OpenImage;
import dev.dunnage.launcher.store.RecentlyUsed;
import dev.dunnage.launcher.store.StoreException;
import dev.dunnage.policy.ImageFacts;
import dev.dunnage.policy.Policy;
import dev.dunnage.policy.Subject;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;

/** What a policy would say about an image, for people who write policies and sign images. Copies and keeps nothing. */
public final class PolicyTrial {
    private PolicyTrial() {}

    private static ImageInHand hand(OpenImage image) throws IOException, RefusedException {
        StoreSource none = () -> {
            throw new IllegalStateException("a trial has no store");
        };
        return ImageInHand.of(
                image, image.file().toString(), ImageInHand.Care.TRIAL, none, new RecentlyUsed<>(0), Clock.systemUTC());
    }

    /**
     * Decides as the launcher would, except that the image need not run on this machine.
     *
     * @param at when the keys must be valid
     * @param asIf what the rules look at: a path, absolute and without links, and where the image comes from
     * @throws RefusedException when it is no sound image, whatever the policy says
     */
    public static Judgement judge(
            Policy policy, SiteKeys keys, Instant at, Subject subject, ImageFacts asIf, OpenImage image)
            throws IOException, RefusedException {
        try (ImageInHand hand = hand(image)) {
            Judgement judgement = new Judge(policy, keys, at).judge(subject, asIf, hand);
            hand.structure(); // nothing but sound images run, whatever a rule looked at
            return judgement;
        } catch (StoreException e) {
            throw new IllegalStateException("a trial has no store", e);
        }
    }
}
