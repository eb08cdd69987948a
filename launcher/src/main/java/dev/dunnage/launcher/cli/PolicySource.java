package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.plan.PolicyFile;
import dev.dunnage.launcher.plan.SiteKeys;
import dev.dunnage.launcher.plan.SitePaths;
import dev.dunnage.policy.EclLoader;
import dev.dunnage.policy.OwnershipRule;
import dev.dunnage.policy.Policy;
import dev.dunnage.policy.PolicyLoader;
import dev.dunnage.policy.SiteConfigLoader;
import dev.dunnage.policy.SiteFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Option;

/** Which policy is meant, and whose keys. */
final class PolicySource {
    @Option(
            names = "--policy",
            paramLabel = "FILE",
            description = "Policy file; default: the one in force, /etc/dunnage/policy.yaml or /etc/dunnage/ecl.toml.")
    private Optional<Path> policy = Optional.empty();

    @Option(names = "--ecl", paramLabel = "FILE", description = "Apptainer's ecl.toml in place of a policy file.")
    private Optional<Path> ecl = Optional.empty();

    @Option(
            names = "--keyring",
            paramLabel = "FILE",
            description = "File or directory of public keys that may sign; may be repeated. Default: the keys that the"
                    + " site's settings name.")
    private List<Path> keyrings = new ArrayList<>();

    private static final Set<Path> INSTALLED = Set.of(
            SitePaths.defaults().policy(),
            SitePaths.defaults().ecl(),
            SitePaths.defaults().config());

    /** The installed files must be root's; a draft may be anybody's. */
    static OwnershipRule ownership(Path file) {
        return INSTALLED.contains(file) ? OwnershipRule.rootOnly() : OwnershipRule.any();
    }

    /** Whether a policy was named. */
    boolean isNamed() {
        return policy.isPresent() || ecl.isPresent();
    }

    /** The file for messages; when none is named the one in force. */
    Path file() {
        return policy.or(() -> ecl).orElseGet(() -> SitePaths.defaults().policy());
    }

    Policy load() throws SiteFileException, CommandFailure {
        if (policy.isPresent() && ecl.isPresent()) {
            throw new CommandFailure(2, "--policy and --ecl name one file each; give one of them");
        }
        if (ecl.isPresent()) {
            return new EclLoader(ownership(ecl.get())).load(ecl.get());
        }
        return policy.isPresent()
                ? new PolicyLoader(ownership(policy.get())).load(policy.get())
                : PolicyFile.load(SitePaths.defaults(), OwnershipRule.rootOnly());
    }

    /** Those that were named, else those of the settings beside the policy. */
    SiteKeys keys() throws IOException, SiteFileException, CommandFailure {
        for (Path place : keyrings) {
            if (!Files.isReadable(place)) {
                throw new CommandFailure(2, "key ring " + place + " is not there or not readable; check the path");
            }
        }
        if (!keyrings.isEmpty()) {
            return SiteKeys.of(keyrings);
        }
        Path keys = siteKeys(file());
        return SiteKeys.of(Files.isDirectory(keys) ? List.of(keys) : List.of());
    }

    /** Directory of the keys that go with a policy. */
    static Path siteKeys(Path policy) throws SiteFileException {
        Path settings = policy.resolveSibling("dunnage.yaml");
        return new SiteConfigLoader(ownership(settings)).load(settings).keys();
    }
}
