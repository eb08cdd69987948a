package dev.dunnage.launcher.cli;

import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code dunnage policy check}. */
@Command(
        name = "check",
        description = {
            "Says whether a policy lets an image run, and which rule decides: by the code that decides for steps.",
            "Exit status 0 when it does, 3 when it does not, be it because the policy is broken or the file no image."
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class PolicyCheckCommand extends BaseCommand {
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
        if (json.wanted()) {
            out().println(JsonLine.of(trial.members()));
        } else {
            trial.lines().forEach(out()::println);
        }
        return trial.exitStatus();
    }
}
