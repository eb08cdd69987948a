package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.plan.SiteKeys;
import dev.dunnage.launcher.plan.SitePaths;
import dev.dunnage.launcher.wire.Code;
import dev.dunnage.policy.OwnershipRule;
import dev.dunnage.policy.PolicyLint;
import dev.dunnage.policy.Problem;
import dev.dunnage.policy.Remark;
import dev.dunnage.policy.Severity;
import dev.dunnage.policy.SiteConfigLoader;
import dev.dunnage.policy.SiteFileException;
import dev.dunnage.sif.key.KeyFacts;
import dev.dunnage.sif.key.KeyRingException;
import dev.dunnage.sif.key.PemKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dunnage policy lint}. */
@Command(
        name = "lint",
        description = {
            "Lists everything that is wrong or doubtful with a policy, each with its line.",
            "Exit status 0 when it can be used, also with warnings; 6 when not."
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class PolicyLintCommand extends BaseCommand {
    @Parameters(
            arity = "0..1",
            paramLabel = "FILE",
            description = "Policy file, or Apptainer's list when its name ends in .toml. Default: the one in force. The"
                    + " installed one must belong to root as well.")
    private Optional<Path> file = Optional.empty();

    @Option(names = "--settings", description = "The file is a dunnage.yaml with the site's settings.")
    private boolean settings;

    @Option(
            names = "--keyring",
            paramLabel = "FILE",
            description = "File or directory of public keys, to find listed keys that are not in it; may be repeated."
                    + " Default: the keys that the settings beside the policy name.")
    private List<Path> keyrings = new ArrayList<>();

    @Option(
            names = "--time",
            paramLabel = "TIME",
            converter = TimeOption.class,
            description = "Find what has ended at this time instead of now.")
    private Optional<Instant> time = Optional.empty();

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() throws Exception {
        Path named = file.orElseGet(PolicyLintCommand::inForce);
        List<Remark> remarks = settings ? settings(named) : policy(named);
        for (Remark remark : remarks) {
            if (json.wanted()) {
                out().println(JsonLine.of(members(remark)));
            } else {
                remark.lines().forEach(out()::println);
            }
        }
        long errors = remarks.stream()
                .filter(remark -> remark.severity() == Severity.ERROR)
                .count();
        if (!json.wanted()) {
            out().println(named + ": " + count(errors, "error") + ", " + count(remarks.size() - errors, "warning"));
        }
        return errors == 0 ? 0 : Code.CONFIG.exitStatus();
    }

    private static String count(long number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }

    private static Path inForce() {
        SitePaths installed = SitePaths.defaults();
        boolean list = Files.exists(installed.ecl(), LinkOption.NOFOLLOW_LINKS) && !Files.exists(installed.policy());
        return list ? installed.ecl() : installed.policy();
    }

    private List<Remark> policy(Path named) throws IOException, KeyRingException {
        PolicyLint lint = new PolicyLint(PolicySource.ownership(named), time.orElseGet(Instant::now));
        List<Remark> remarks = new ArrayList<>();
        Optional<Set<String>> ring = ring(named, remarks);
        remarks.addAll(isList(named) ? lint.ecl(named, ring) : lint.policy(named, ring));
        return remarks;
    }

    private static boolean isList(Path named) {
        return named.toString().endsWith(".toml");
    }

    private Optional<Set<String>> ring(Path named, List<Remark> remarks) throws IOException, KeyRingException {
        if (!keyrings.isEmpty()) {
            return Optional.of(fingerprints(keyrings));
        }
        try {
            Path keys = PolicySource.siteKeys(named);
            return Files.isDirectory(keys) ? Optional.of(fingerprints(List.of(keys))) : Optional.empty();
        } catch (SiteFileException e) {
            e.problems().forEach(problem -> remarks.add(new Remark(Severity.ERROR, problem, "")));
            return Optional.empty();
        }
    }

    private static Set<String> fingerprints(List<Path> places) throws IOException, KeyRingException {
        SiteKeys keys = SiteKeys.of(places);
        Set<String> fingerprints = new HashSet<>();
        keys.ring().keys().stream().map(KeyFacts::fingerprint).forEach(fingerprints::add);
        keys.pemKeys().keys().stream()
                .map(PemKey::facts)
                .map(KeyFacts::fingerprint)
                .forEach(fingerprints::add);
        return fingerprints;
    }

    private static List<Remark> settings(Path named) {
        try {
            OwnershipRule rule = PolicySource.ownership(named);
            rule.check(named); // the loader takes an absent file for the defaults
            new SiteConfigLoader(rule).load(named);
            return List.of();
        } catch (SiteFileException e) {
            return e.problems().stream()
                    .map(problem -> new Remark(Severity.ERROR, problem, ""))
                    .toList();
        }
    }

    private static Map<String, Object> members(Remark remark) {
        Problem problem = remark.problem();
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("file", problem.file().toString());
        object.put("line", problem.line());
        object.put("column", problem.column());
        object.put("key", problem.key());
        object.put("message", problem.message());
        object.put("severity", remark.severity().name().toLowerCase(Locale.ROOT));
        return object;
    }
}
