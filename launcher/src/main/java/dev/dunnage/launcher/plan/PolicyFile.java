package dev.dunnage.launcher.plan;

import dev.dunnage.policy.EclLoader;
import dev.dunnage.policy.OwnershipRule;
import dev.dunnage.policy.Policy;
import dev.dunnage.policy.PolicyLoader;
import dev.dunnage.policy.Problem;
import dev.dunnage.policy.SiteFileException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;

/** The one file that counts: the policy, or Apptainer's list in its place. */
public final class PolicyFile {
    private PolicyFile() {}

    /**
     * Reads it.
     *
     * @throws SiteFileException when it is missing or broken, or both are there: which of them is meant cannot be known
     */
    public static Policy load(SitePaths paths, OwnershipRule rule) throws SiteFileException {
        if (!isThere(paths.ecl())) {
            return new PolicyLoader(rule).load(paths.policy());
        }
        if (isThere(paths.policy())) {
            throw new SiteFileException(List.of(new Problem(
                    paths.ecl(),
                    0,
                    0,
                    "",
                    "stands beside " + paths.policy()
                            + ", and only one of them can count: take one away ('dunnage policy"
                            + " import-ecl' makes rules of the list)")));
        }
        return new EclLoader(rule).load(paths.ecl());
    }

    /** Whether any of the two has something at its name, be it a link that leads nowhere. */
    static boolean isAny(SitePaths paths) {
        return isThere(paths.policy()) || isThere(paths.ecl());
    }

    private static boolean isThere(Path file) {
        return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
    }
}
