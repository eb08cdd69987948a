package dev.dunnage.launcher.cli;

import dev.dunnage.policy.Considered;
import dev.dunnage.policy.Explanation;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code dunnage policy explain}. */
@Command(
        name = "explain",
        description = {
            "Tells of every rule in order why it fits the image or not, and what comes of it.",
            "Exit status as that of policy check."
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class PolicyExplainCommand extends BaseCommand {
    @Parameters(paramLabel = "IMAGE", description = "SIF file.")
    private Path image;

    @Mixin
    private PolicySource source;

    @Mixin
    private SubjectOptions subjects;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() throws Exception {
        PolicyTrialRun trial = PolicyTrialRun.of(image, source, subjects);
        trial.problems().forEach(problem -> err().println("dunnage: " + problem));
        List<Considered> rules = trial.explanation().map(Explanation::rules).orElse(List.of());
        if (json.wanted()) {
            Map<String, Object> object = trial.members();
            object.put(
                    "rules", rules.stream().map(PolicyExplainCommand::members).toList());
            out().println(JsonLine.of(object));
        } else {
            rules.forEach(each -> out().println(each.oneLine()));
            trial.lines().forEach(out()::println);
        }
        return trial.exitStatus();
    }

    private static Map<String, Object> members(Considered considered) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("rule", considered.rule());
        object.put("file", considered.file().toString());
        object.put("line", considered.line());
        object.put("result", considered.result().name().toLowerCase(Locale.ROOT).replace('_', '-'));
        object.put("why", considered.why());
        return object;
    }
}
