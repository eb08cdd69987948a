package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.wire.Code;
import dev.dunnage.policy.CaseResult;
import dev.dunnage.policy.Decision;
import dev.dunnage.policy.OwnershipRule;
import dev.dunnage.policy.Policy;
import dev.dunnage.policy.PolicyTests;
import dev.dunnage.policy.SiteFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dunnage policy test}. */
@Command(
        name = "test",
        description = {
            "Decides the cases that a site keeps as data, *.yaml in a directory, and compares with what they expect.",
            "Exit status 0 when all come out as expected, 3 when not, 6 when cases or policy are broken."
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class PolicyTestCommand extends BaseCommand {
    @Parameters(paramLabel = "DIR", description = "Directory of cases; dunnage-policy.yaml(5) shows their form.")
    private Path directory;

    @Mixin
    private PolicySource source;

    @Option(
            names = {"-q", "--quiet"},
            description = "Print failed cases only.")
    private boolean quiet;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() throws Exception {
        try {
            Optional<Policy> override = source.isNamed() ? Optional.of(source.load()) : Optional.empty();
            List<CaseResult> results = new PolicyTests(OwnershipRule.any()).run(directory, override);
            results.stream().filter(result -> !quiet || !result.passed()).forEach(this::print);
            long failed = results.stream().filter(result -> !result.passed()).count();
            if (!json.wanted()) {
                out().println(results.size() - failed + " passed, " + failed + " failed");
            }
            return failed == 0 ? 0 : Code.POLICY.exitStatus();
        } catch (SiteFileException e) {
            e.problems().forEach(problem -> err().println("dunnage: " + problem));
            return Code.CONFIG.exitStatus();
        }
    }

    private void print(CaseResult result) {
        if (!json.wanted()) {
            result.lines().forEach(out()::println);
            return;
        }
        Decision decision = result.explanation().decision();
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("file", result.file().toString());
        object.put("line", result.line());
        object.put("name", result.name());
        object.put("passed", result.passed());
        object.put("complaints", result.complaints());
        object.put("decision", decision instanceof Decision.Allow ? "allow" : "deny");
        object.put("rule", decision.rule());
        object.put("reason", decision.reason());
        out().println(JsonLine.of(object));
    }
}
