package dev.dunnage.launcher.plan;

import dev.dunnage.policy.Policy;
import dev.dunnage.policy.SiteConfig;
import java.util.Optional;

/**
 * The site's will at one moment.
 *
 * @param policy which images may run
 * @param config what every container gets
 * @param keys who may sign
 * @param trouble one line: why the files on disk do not count, and this is what they said before; empty when they do
 */
record Site(Policy policy, SiteConfig config, SiteKeys keys, Optional<String> trouble) {
    Site with(String newTrouble) {
        return new Site(policy, config, keys, Optional.of(newTrouble));
    }
}
