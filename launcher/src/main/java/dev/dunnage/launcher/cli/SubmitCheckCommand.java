package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.accounts.SystemAccounts;
import dev.dunnage.launcher.keys.UserKeys;
import dev.dunnage.launcher.plan.SitePaths;
import dev.dunnage.launcher.store.ImageStore;
import dev.dunnage.launcher.store.StoreLimits;
import dev.dunnage.launcher.submit.Submission;
import dev.dunnage.launcher.submit.SubmitCheck;
import dev.dunnage.launcher.submit.SubmitCheck.Outcome;
import dev.dunnage.policy.OwnershipRule;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.OptionalLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dunnage submit-check}: run by the plugin in srun, sbatch and salloc where the site wants it. */
@Command(
        name = "submit-check",
        hidden = true,
        description = "Says what would keep a job from running in an image, before it queues.")
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class SubmitCheckCommand extends BaseCommand {
    private static final int OBJECTED = 3;

    @Parameters(paramLabel = "IMAGE", description = "SIF file.")
    private Path image;

    @Option(names = "--mpi", paramLabel = "TYPE", description = "Slurm's MPI plug-in of the step.")
    private Optional<String> mpi = Optional.empty();

    @Option(names = "--tasks", paramLabel = "N", description = "Tasks of the step.")
    private Optional<Long> tasks = Optional.empty();

    @Option(names = "--container-mpi", paramLabel = "HOW", description = "As in srun --container-mpi.")
    private Optional<String> containerMpi = Optional.empty();

    @Option(names = "--no-gpu", description = "The job asks Slurm for no GPU.")
    private boolean noGpu;

    @Option(names = "--mem", paramLabel = "SIZE", description = "As in srun --mem.")
    private Optional<String> memory = Optional.empty();

    @Option(names = "--warn", description = "Only tell; the job is submitted all the same.")
    private boolean warn;

    @Override
    public Integer call() throws Exception {
        Clock clock = Clock.systemUTC();
        SubmitCheck check = new SubmitCheck(
                SitePaths.defaults(),
                OwnershipRule.rootOnly(),
                new SystemAccounts(clock),
                () -> ImageStore.ofUser(UserKeys.home(), StoreLimits.defaults(), clock),
                clock);
        OptionalLong known = tasks.map(OptionalLong::of).orElseGet(OptionalLong::empty);
        Outcome outcome = check.of(image, new Submission(mpi, known, containerMpi, noGpu, memory));
        outcome.advice().forEach(line -> err().println("dunnage: " + line));
        outcome.objection().ifPresent(this::object);
        return outcome.objection().isPresent() && !warn ? OBJECTED : 0;
    }

    private void object(String why) {
        err().println("dunnage: " + why
                + (warn ? " (submitted all the same)" : " (not submitted: submit_check=refuse)"));
    }
}
