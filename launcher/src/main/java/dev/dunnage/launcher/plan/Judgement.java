package dev.dunnage.launcher.plan;

import dev.dunnage.policy.Decision;
import dev.dunnage.policy.ImageFacts;
import dev.dunnage.policy.Rule;
import dev.dunnage.policy.SignatureFacts;

/**
 * What the policy makes of an image.
 *
 * @param rule the one that decided
 * @param decision its answer
 * @param image what was known of the image beside its signatures
 * @param signatures what was known of those
 */
public record Judgement(Rule rule, Decision decision, ImageFacts image, SignatureFacts signatures) {}
