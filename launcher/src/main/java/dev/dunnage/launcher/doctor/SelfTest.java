package dev.dunnage.launcher.doctor;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Two ranks in an image: as a step where this is an allocation of Slurm, else two programs at once without Slurm. */
final class SelfTest implements Check {
    private static final String CHECK = "self-test";
    private static final int SECONDS = 60;
    private static final int MAX_OUTPUT = 1 << 16;

    private final Optional<Path> image;

    SelfTest(Optional<Path> image) {
        this.image = image;
    }

    private record Outcome(int status, String output) {}

    @Override
    public List<Finding> look(Machine machine) throws IOException {
        if (image.isEmpty()) {
            return List.of(Finding.skipped(CHECK, "not made", "name an image that has /bin/sh by --image"));
        }
        Optional<Path> srun = machine.program("srun");
        boolean allocation = machine.environment().containsKey("SLURM_JOB_ID") && srun.isPresent();
        return List.of(allocation ? step(srun.get()) : alone(machine));
    }

    private Finding step(Path srun) throws IOException {
        Outcome outcome = run(List.of(
                srun.toString(),
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
        List<String> line =
                List.of(command.get().toString(), "exec", image.orElseThrow().toString(), "/bin/sh", "-c", "echo rank");
        for (int rank = 0; rank < 2; rank++) {
            Outcome outcome = run(line);
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

    private static Outcome run(List<String> line) throws IOException {
        Process process = new ProcessBuilder(new ArrayList<>(line))
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .start();
        try {
            Thread watch = new Thread(() -> {
                try {
                    if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                        process.destroyForcibly();
                    }
                } catch (InterruptedException e) {
                    process.destroyForcibly();
                }
            });
            watch.setDaemon(true);
            watch.start();
            String output;
            try (InputStream in = process.getInputStream()) {
                output = new String(in.readNBytes(MAX_OUTPUT), StandardCharsets.UTF_8);
            }
            return new Outcome(process.waitFor(), output);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while a program ran", e);
        }
    }
}
