package dev.dunnage.sif;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** Another program, as a second opinion. */
public final class Tool {
    private Tool() {}

    /** Runs a program that must succeed, in a directory; the test is skipped where the program is not installed. */
    public static String run(Path directory, String... command) throws Exception {
        return run(directory, List.of(command));
    }

    public static String run(Path directory, List<String> command) throws Exception {
        assumeInstalled(command.get(0));
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as("%s: %s", command, output).isZero();
        return output;
    }

    private static void assumeInstalled(String program) {
        boolean found = false;
        for (String each : String.valueOf(System.getenv("PATH")).split(":", -1)) {
            found |= Path.of(each, program).toFile().canExecute();
        }
        Assumptions.assumeTrue(found, "SKIPPED: " + program + " is not installed");
    }
}
