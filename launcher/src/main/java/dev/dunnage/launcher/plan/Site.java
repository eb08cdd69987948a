package dev.dunnage.launcher.plan;

import dev.dunnage.policy.Policy;
import dev.dunnage.policy.SiteConfig;

/**
 * The site's will at one moment.
 *
 * @param policy which images may run
 * @param config what every container gets
 * @param keys who may sign
 */
record Site(Policy policy, SiteConfig config, SiteKeys keys) {}
