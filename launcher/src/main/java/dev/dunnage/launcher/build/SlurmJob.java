package dev.dunnage.launcher.build;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A command as a job of Slurm, with its output here. */
public final class SlurmJob {
    private static final int BUFFER = 1 << 16;
    private static final long PACE_MS = 200;
    /** Output of the last moment may come late over a shared file system. */
    private static final long LATE_MS = 1000;

    private static final long END_S = 10;

    private SlurmJob() {}

    /**
     * Submits it and waits for its end. When this process is ended before, the job is cancelled.
     *
     * @param options for sbatch
     * @param directory of the log file, which goes when all of it was shown
     * @return the job's exit status
     */
    public static int run(List<String> program, List<String> options, Path directory, Consumer<String> notices)
            throws IOException, ToolException, InterruptedException {
        Tool sbatch = Tool.require("sbatch", "slurm-client");
        Path log = Files.createTempFile(directory.toAbsolutePath(), ".dunnage-build-", ".log");
        List<String> command = new ArrayList<>(List.of("--parsable", "--wait", "--job-name=dunnage-build"));
        command.addAll(List.of("--output=" + log, "--error=" + log, "--open-mode=append"));
        command.addAll(options);
        Process process = sbatch.start(command, how -> how.redirectError(ProcessBuilder.Redirect.INHERIT));
        submit(process, program);
        String answer;
        try (BufferedReader said =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            answer = String.valueOf(said.readLine());
            String job = answer.replaceFirst(";.*", "");
            if (!job.matches("[0-9]+")) {
                process.waitFor();
                Files.deleteIfExists(log);
                throw new ToolException("sbatch did not take the job; see what it printed");
            }
            Thread cancel = new Thread(() -> cancel(job, process, log));
            Runtime.getRuntime().addShutdownHook(cancel);
            notices.accept("job " + job + " builds; Ctrl-C cancels it");
            int status = follow(process, log);
            Runtime.getRuntime().removeShutdownHook(cancel);
            Files.deleteIfExists(log);
            return status;
        }
    }

    private static void submit(Process process, List<String> program) {
        try (Writer script = process.outputWriter(StandardCharsets.UTF_8)) {
            script.write("#!/bin/sh\nexec");
            for (String word : program) {
                script.write(" " + OciScripts.quoted(word));
            }
            script.write("\n");
        } catch (IOException e) {
            // it ended without reading: what it printed tells more than the broken pipe
        }
    }

    private static void cancel(String job, Process process, Path log) {
        try {
            Tool.require("scancel", "slurm-client")
                    .start(List.of(job), ProcessBuilder::inheritIO)
                    .waitFor();
            process.waitFor(END_S, TimeUnit.SECONDS); // the end of the job is written into the log
            Files.deleteIfExists(log);
        } catch (IOException | ToolException e) {
            System.err.println(
                    "dunnage: job " + job + " could not be cancelled (" + e.getMessage() + "); run: scancel " + job);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Shows the log as it grows. */
    private static int follow(Process process, Path log) throws IOException, InterruptedException {
        long shown = 0;
        boolean hasEnded = false;
        while (!hasEnded) {
            hasEnded = process.waitFor(PACE_MS, TimeUnit.MILLISECONDS);
            shown = show(log, shown);
        }
        TimeUnit.MILLISECONDS.sleep(LATE_MS);
        show(log, shown);
        return process.exitValue();
    }

    private static long show(Path log, long from) throws IOException {
        long at = from;
        try (FileChannel in = FileChannel.open(log)) {
            ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
            for (int got = in.read(buffer, at); got > 0; got = in.read(buffer.clear(), at)) {
                System.out.write(buffer.array(), 0, got);
                at += got;
            }
        }
        System.out.flush();
        return at;
    }
}
