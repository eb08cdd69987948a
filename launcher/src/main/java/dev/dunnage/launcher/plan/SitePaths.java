package dev.dunnage.launcher.plan;

import java.nio.file.Path;

/**
 * Where the site's files are.
 *
 * @param policy the policy file, must exist
 * @param config the settings, may be absent
 */
public record SitePaths(Path policy, Path config) {
    /** Places of an installation. */
    public static SitePaths defaults() {
        return new SitePaths(Path.of("/etc/dunnage/policy.yaml"), Path.of("/etc/dunnage/dunnage.yaml"));
    }
}
