package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.keys.KeyRings;
import dev.dunnage.launcher.plan.PolicyTrial;
import dev.dunnage.launcher.plan.SitePaths;
import dev.dunnage.launcher.wire.Code;
import dev.dunnage.policy.Decision;
import dev.dunnage.policy.OwnershipRule;
import dev.dunnage.policy.Policy;
import dev.dunnage.policy.PolicyLoader;
import dev.dunnage.policy.Problem;
import dev.dunnage.policy.SiteConfigLoader;
import dev.dunnage.policy.SiteFileException;
import dev.dunnage.sif.key.KeyRing;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dunnage policy}. */
@Command(
        name = "policy",
        description = "Tries a policy out before it counts, and explains what it decides.",
        subcommands = {PolicyCommand.CheckCommand.class, PolicyCommand.LintCommand.class})
final class PolicyCommand extends BaseCommand {

    @Override
    public Integer call() throws CommandFailure {
        throw new CommandFailure(2, "policy wants check or lint; see dunnage policy --help");
    }

    /** The installed files must be root's; a draft may be anybody's. */
    private static OwnershipRule ownership(Path file) {
        SitePaths installed = SitePaths.defaults();
        boolean counts = file.equals(installed.policy()) || file.equals(installed.config());
        return counts ? OwnershipRule.rootOnly() : OwnershipRule.any();
    }

    private static Map<String, Object> describe(Problem problem) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("file", problem.file().toString());
        object.put("line", problem.line());
        object.put("column", problem.column());
        object.put("key", problem.key());
        object.put("message", problem.message());
        return object;
    }

    /** {@code dunnage policy check}. */
    @Command(
            name = "check",
            description = {
                "Says whether a policy lets an image run, and which rule decides.",
                "Exit status 0 when it does, 3 when it does not, 6 when the policy itself is broken."
            })
    @SuppressWarnings("NullAway.Init") // picocli fills the fields
    static final class CheckCommand extends BaseCommand {
        @Parameters(paramLabel = "IMAGE", description = "SIF file.")
        private Path file;

        @Option(
                names = "--policy",
                paramLabel = "FILE",
                description = "Policy file, default ${DEFAULT-VALUE}.",
                defaultValue = "/etc/dunnage/policy.yaml")
        private Path policyFile;

        @Option(
                names = "--keyring",
                paramLabel = "FILE",
                description = "File or directory of public keys that may sign; may be repeated. Default: the keys that"
                        + " the site's settings name.")
        private List<Path> keyrings = new ArrayList<>();

        @Option(
                names = "--path",
                paramLabel = "AS-IF",
                description = "Decide as if the image were at this absolute path.")
        private Optional<Path> asIf = Optional.empty();

        @Option(
                names = "--time",
                paramLabel = "TIME",
                converter = TimeOption.class,
                description = "Judge keys at this time instead of now.")
        private Optional<Instant> time = Optional.empty();

        @Mixin
        private JsonOption json;

        @Override
        public Integer call() throws Exception {
            try (OpenedImage image = OpenedImage.open(file)) {
                Policy policy = new PolicyLoader(ownership(policyFile)).load(policyFile);
                Path place = asIf.isPresent() ? asIf.get() : file.toRealPath();
                if (!place.isAbsolute()) {
                    throw new CommandFailure(2, "--path " + place + " is relative; give an absolute path");
                }
                Decision decision =
                        PolicyTrial.decide(policy, ring(), time.orElseGet(Instant::now), place, image.bytes());
                print(decision);
                return decision instanceof Decision.Allow ? 0 : Code.POLICY.exitStatus();
            } catch (SiteFileException e) {
                e.problems().forEach(problem -> err().println("dunnage: " + problem));
                return Code.CONFIG.exitStatus();
            }
        }

        private KeyRing ring() throws Exception {
            if (!keyrings.isEmpty()) {
                return KeyRings.read(keyrings);
            }
            Path settings = policyFile.resolveSibling("dunnage.yaml");
            Path keys = new SiteConfigLoader(ownership(settings)).load(settings).keys();
            return Files.isDirectory(keys) ? KeyRing.read(keys) : KeyRing.empty();
        }

        private void print(Decision decision) {
            if (!json.wanted()) {
                out().println(file + ": " + decision.oneLine());
                return;
            }
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("file", file.toString());
            object.put("result", decision instanceof Decision.Allow ? "allow" : "deny");
            object.put("trusted", decision instanceof Decision.Allow allow && allow.trusted());
            object.put("rule", decision.rule());
            object.put("policy", decision.file().toString());
            object.put("line", decision.line());
            object.put("reason", decision.reason());
            object.put("remedy", decision instanceof Decision.Deny deny ? deny.remedy() : "");
            out().println(JsonLine.of(object));
        }
    }

    /** {@code dunnage policy lint}. */
    @Command(
            name = "lint",
            description = {
                "Checks a policy file, or with --settings a dunnage.yaml, and lists everything that is wrong with it.",
                "Exit status 0 when it is sound, 6 when not."
            })
    @SuppressWarnings("NullAway.Init") // picocli fills the fields
    static final class LintCommand extends BaseCommand {
        @Parameters(paramLabel = "FILE", description = "Policy file; the installed one must belong to root as well.")
        private Path file;

        @Option(names = "--settings", description = "The file is a dunnage.yaml with the site's settings.")
        private boolean settings;

        @Mixin
        private JsonOption json;

        @Override
        public Integer call() {
            try {
                String summary = load();
                if (!json.wanted()) {
                    out().println(summary);
                }
                return 0;
            } catch (SiteFileException e) {
                for (Problem problem : e.problems()) {
                    out().println(json.wanted() ? JsonLine.of(describe(problem)) : problem.toString());
                }
                return Code.CONFIG.exitStatus();
            }
        }

        private String load() throws SiteFileException {
            if (!settings) {
                return new PolicyLoader(ownership(file)).load(file).summary();
            }
            ownership(file).check(file); // the loader takes an absent file for the defaults
            return file + ": sound, "
                    + new SiteConfigLoader(ownership(file)).load(file).mounts().size() + " mounts";
        }
    }
}
