package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.build.SlurmJob;
import dev.dunnage.launcher.definition.Words;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** A build that is done by a job of Slurm. */
final class SlurmBuild {
    @Option(
            names = "--slurm",
            description =
                    "Build in a job: submit it, show its output until it ends, and end with its exit status. Ctrl-C"
                            + " cancels the job.")
    private boolean wanted;

    @Option(
            names = "--slurm-options",
            paramLabel = "OPTIONS",
            description = "Options for sbatch, such as '-p build --mem=8G -t 60'.")
    private Optional<String> options = Optional.empty();

    boolean wanted() throws CommandFailure {
        if (options.isPresent() && !wanted) {
            throw new CommandFailure(2, "--slurm-options go with --slurm; add it");
        }
        return wanted;
    }

    /** The same command, without what is about Slurm, as a job. */
    int run(BaseCommand command, Path prefix) throws Exception {
        List<String> words =
                new ArrayList<>(List.of(prefix.resolve("bin/dunnage").toString(), "build"));
        List<String> given = command.words();
        for (int at = 0; at < given.size(); at++) {
            String word = given.get(at);
            if (word.equals("--slurm-options")) {
                at++;
            } else if (!word.equals("--slurm") && !word.startsWith("--slurm-options=")) {
                words.add(word);
            }
        }
        List<String> sbatch;
        try {
            sbatch = Words.of(options.orElse(""));
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(2, "--slurm-options " + options.orElse("") + ": " + e.getMessage());
        }
        return SlurmJob.run(words, sbatch, Path.of(""), line -> {
            command.err().println("dunnage: " + line);
            command.err().flush();
        });
    }
}
