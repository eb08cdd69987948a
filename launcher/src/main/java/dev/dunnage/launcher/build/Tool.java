package dev.dunnage.launcher.build;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.commons.exec.CommandLine;
import org.apache.commons.exec.DefaultExecutor;
import org.apache.commons.exec.ExecuteException;
import org.apache.commons.exec.ExecuteWatchdog;
import org.apache.commons.exec.PumpStreamHandler;
import org.apache.commons.exec.ShutdownHookProcessDestroyer;

/**
 * An external program, run without a shell.
 *
 * @param path where it is
 */
public record Tool(Path path) {
    private static final int ERROR_LIMIT = 4096;

    /** The program of that name on the search path. */
    public static Optional<Tool> find(String name) {
        return find(name, System.getenv().getOrDefault("PATH", "/usr/bin:/bin"), Path.of("/"));
    }

    /**
     * The same on another path, of which relative directories do not count.
     *
     * @param search directories with colons between them
     * @param root of the machine that is searched
     */
    public static Optional<Tool> find(String name, String search, Path root) {
        for (String directory : search.split(":", -1)) {
            if (directory.startsWith("/")) {
                Path candidate = root.resolve(directory.substring(1)).resolve(name);
                if (Files.isExecutable(candidate) && Files.isRegularFile(candidate)) {
                    return Optional.of(new Tool(candidate));
                }
            }
        }
        return Optional.empty();
    }

    /** As {@link #find}, and refuses when the program is missing. */
    public static Tool require(String name, String debianPackage) throws ToolException {
        return find(name)
                .orElseThrow(() -> new ToolException(name + " is not installed; install the package " + debianPackage));
    }

    /**
     * Runs it to its end.
     *
     * @param outputLimit most bytes of standard output that are kept; more is an error
     * @return standard output
     */
    public byte[] run(List<String> arguments, int outputLimit, Duration limit) throws IOException, ToolException {
        CommandLine command = new CommandLine(path.toFile());
        arguments.forEach(argument -> command.addArgument(argument, false));
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        DefaultExecutor executor = DefaultExecutor.builder()
                .setExecuteStreamHandler(new PumpStreamHandler(bounded(output, outputLimit), cut(errors, ERROR_LIMIT)))
                .get();
        ExecuteWatchdog watchdog = ExecuteWatchdog.builder().setTimeout(limit).get();
        executor.setWatchdog(watchdog);
        executor.setProcessDestroyer(new ShutdownHookProcessDestroyer());
        try {
            executor.execute(command);
            return output.toByteArray();
        } catch (ExecuteException e) {
            String why =
                    watchdog.killedProcess() ? "took longer than " + limit.toSeconds() + " s" : lastLine(errors, e);
            throw new ToolException(path.getFileName() + " failed: " + why);
        }
    }

    /** How a program ended, and what it printed on both of its outputs. */
    public record Outcome(int status, String output) {}

    /**
     * Runs it to its end, whatever that is.
     *
     * @param outputLimit bytes of output that are kept
     * @param limit after which it is ended
     */
    public Outcome outcome(List<String> arguments, int outputLimit, Duration limit) throws IOException {
        CommandLine command = new CommandLine(path.toFile());
        arguments.forEach(argument -> command.addArgument(argument, false));
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        DefaultExecutor executor = DefaultExecutor.builder()
                .setExecuteStreamHandler(new PumpStreamHandler(cut(output, outputLimit)))
                .get();
        executor.setWatchdog(ExecuteWatchdog.builder().setTimeout(limit).get());
        executor.setProcessDestroyer(new ShutdownHookProcessDestroyer());
        executor.setExitValues(null); // any will do
        int status = executor.execute(command);
        return new Outcome(status, output.toString(StandardCharsets.UTF_8));
    }

    /**
     * Starts it, for those who feed it, follow it or end it themselves.
     *
     * @param more what else is to be said about it: environment and outputs
     */
    Process start(List<String> arguments, Consumer<ProcessBuilder> more) throws IOException {
        List<String> command = new ArrayList<>(List.of(path.toString()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        more.accept(builder);
        return builder.start();
    }

    private static String lastLine(ByteArrayOutputStream errors, ExecuteException e) {
        String text = errors.toString(StandardCharsets.UTF_8).strip();
        return text.isEmpty() ? "exit status " + e.getExitValue() : text.substring(text.lastIndexOf('\n') + 1);
    }

    private static OutputStream bounded(ByteArrayOutputStream kept, int limit) {
        return new OutputStream() {
            @Override
            public void write(int one) throws IOException {
                write(new byte[] {(byte) one}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                if (kept.size() + length > limit) {
                    throw new IOException("the program prints more than " + limit + " bytes");
                }
                kept.write(bytes, offset, length);
            }
        };
    }

    private static OutputStream cut(ByteArrayOutputStream kept, int limit) {
        return new OutputStream() {
            @Override
            public void write(int one) {
                if (kept.size() < limit) {
                    kept.write(one);
                }
            }
        };
    }
}
