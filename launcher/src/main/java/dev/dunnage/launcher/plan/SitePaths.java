package dev.dunnage.launcher.plan;

import java.nio.file.Path;

/**
 * Where the site's files are.
 *
 * @param policy the policy; absent when {@code ecl} is there
 * @param config the settings, may be absent
 */
public record SitePaths(Path policy, Path config) {
    /** Places of an installation. */
    public static SitePaths defaults() {
        return new SitePaths(Path.of("/etc/dunnage/policy.yaml"), Path.of("/etc/dunnage/dunnage.yaml"));
    }

    /** Apptainer's list, {@code ecl.toml} beside the policy, which may stand in its place. */
    public Path ecl() {
        return policy.resolveSibling("ecl.toml");
    }
}
