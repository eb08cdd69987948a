package dev.dunnage.launcher.doctor;

import dev.dunnage.launcher.build.Tool;
import dev.dunnage.launcher.build.Tool.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Two ranks in an image: as a step where this is an allocation of Slurm, else two programs at once without Slurm. */
final class SelfTest implements Check {
    private static final String CHECK = "self-test";
    private static final Duration LONGEST = Duration.ofSeconds(60);
    private static final int MAX_OUTPUT = 1 << 16;

    private final Optional<Path> image;

    SelfTest(Optional<Path> image) {
        this.image = image;
    }

    @Override
    public List<Finding> look(Machine machine, Optional<String> slurm) throws IOException {
        if (image.isEmpty()) {
            return List.of(Finding.skipped(CHECK, "not made", "name an image that has /bin/sh by --image"));
        }
        Optional<Path> srun = machine.program("srun");
        boolean allocation = machine.environment().containsKey("SLURM_JOB_ID") && srun.isPresent();
        return List.of(allocation ? step(srun.get()) : alone(machine));
    }

    private Finding step(Path srun) throws IOException {
        Outcome outcome = run(
                srun,
                List.of(
                        "-n2",
                        "--overcommit",
                        "--overlap",
                        "--mpi=none",
                        "--container=" + image.orElseThrow(),
                        "/bin/sh",
                        "-c",
                        "echo rank $SLURM_PROCID of $SLURM_STEP_NUM_TASKS"));
        boolean both =
                outcome.output().contains("rank 0 of 2") && outcome.output().contains("rank 1 of 2");
        return outcome.status() == 0 && both
                ? Finding.ok(CHECK, "srun -n2 --container=" + image.orElseThrow() + ": both ranks ran")
                : failed("srun -n2 --container=" + image.orElseThrow(), outcome);
    }

    private Finding alone(Machine machine) throws IOException {
        Optional<Path> command = machine.prefix().map(prefix -> prefix.resolve("bin/dunnage"));
        if (command.isEmpty()) {
            return Finding.skipped(CHECK, "not made", "run the installed dunnage");
        }
        List<String> line = List.of("exec", image.orElseThrow().toString(), "/bin/sh", "-c", "echo rank");
        for (int rank = 0; rank < 2; rank++) {
            Outcome outcome = run(command.get(), line);
            if (outcome.status() != 0 || !outcome.output().contains("rank")) {
                return failed("dunnage exec " + image.orElseThrow(), outcome);
            }
        }
        return Finding.ok(CHECK, "dunnage exec " + image.orElseThrow() + " ran twice");
    }

    private static Finding failed(String what, Outcome outcome) {
        List<String> lines =
                outcome.output().lines().filter(line -> !line.isBlank()).toList();
        String last = lines.stream()
                .filter(line -> line.contains("dunnage:"))
                .findFirst()
                .orElse(lines.isEmpty() ? "no output" : lines.get(lines.size() - 1));
        return Finding.fail(
                CHECK, what + " ended with status " + outcome.status() + ": " + last, "do what the message says");
    }

    private static Outcome run(Path program, List<String> arguments) throws IOException {
        return new Tool(program).outcome(arguments, MAX_OUTPUT, LONGEST);
    }
}
