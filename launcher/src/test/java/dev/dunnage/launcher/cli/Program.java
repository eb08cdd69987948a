package dev.dunnage.launcher.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The command line in a process of its own, for what depends on home and environment.
 *
 * @param home of the user
 * @param environment variables besides HOME
 */
record Program(Path home, Map<String, String> environment) {
    private static final int PATIENCE_S = 120;

    static Program of(Path home) {
        return new Program(home, Map.of());
    }

    Program with(String name, String value) {
        Map<String, String> more = new HashMap<>(environment);
        more.put(name, value);
        return new Program(home, more);
    }

    Command run(Object... arguments) throws IOException, InterruptedException {
        return runWithInput("", arguments);
    }

    Command runWithInput(String input, Object... arguments) throws IOException, InterruptedException {
        Files.createDirectories(home);
        Path in = Files.writeString(Files.createTempFile("in", ""), input);
        Path out = Files.createTempFile("out", "");
        Path err = Files.createTempFile("err", "");
        ProcessBuilder builder = new ProcessBuilder(words(arguments))
                .redirectInput(in.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .directory(home.toFile());
        builder.environment().putAll(environment);
        builder.environment().put("HOME", home.toString());
        Process process = builder.start();
        if (!process.waitFor(PATIENCE_S, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException("dunnage hangs: " + List.of(arguments));
        }
        Files.delete(in);
        return new Command(process.exitValue(), text(out), text(err));
    }

    private static List<String> words(Object... arguments) {
        List<String> words = new ArrayList<>();
        Collections.addAll(words, System.getProperty("java.home") + "/bin/java", "-XX:TieredStopAtLevel=1", "-cp");
        Collections.addAll(words, System.getProperty("java.class.path"), Main.class.getName());
        for (Object argument : arguments) {
            words.add(argument.toString());
        }
        return words;
    }

    private static String text(Path file) throws IOException {
        String text = Files.readString(file, StandardCharsets.UTF_8);
        Files.delete(file);
        return text;
    }
}
