package dev.dunnage.launcher.credentials;

import dev.dunnage.launcher.build.Tool;
import dev.dunnage.launcher.json.JsonDocument;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.commons.exec.CommandLine;
import org.apache.commons.exec.DefaultExecutor;
import org.apache.commons.exec.ExecuteException;
import org.apache.commons.exec.ExecuteWatchdog;
import org.apache.commons.exec.PumpStreamHandler;

/** A program {@code docker-credential-NAME}, which is asked over its standard input and answers in JSON. */
record Helper(String name, Map<String, String> environment) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");
    private static final Duration LONGEST = Duration.ofSeconds(60);
    private static final int LIMIT = 1 << 16;

    Optional<Credential> get(String host) throws IOException {
        Path program = program(host);
        for (String server : RegistryNames.forHelpers(host)) {
            Optional<Credential> found = ask(program, server);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    boolean isInstalled() {
        return find().isPresent();
    }

    private Path program(String host) throws CredentialException {
        return find().orElseThrow(() -> new CredentialException("the credential for " + host
                + " is kept by docker-credential-" + name
                + ", which is not in PATH; install it, or give the password with 'dunnage registry login " + host
                + "'"));
    }

    private Optional<Path> find() {
        if (NAME.matcher(name).matches()) {
            String search = environment.getOrDefault("PATH", "/usr/bin:/bin");
            return Tool.find("docker-credential-" + name, search, Path.of("/")).map(Tool::path);
        }
        return Optional.empty();
    }

    private Optional<Credential> ask(Path program, String server) throws IOException {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        DefaultExecutor executor = DefaultExecutor.builder()
                .setExecuteStreamHandler(new PumpStreamHandler(
                        bounded(output),
                        OutputStream.nullOutputStream(), // some helpers print what they were asked for
                        new ByteArrayInputStream(server.getBytes(StandardCharsets.UTF_8))))
                .get();
        ExecuteWatchdog watchdog = ExecuteWatchdog.builder().setTimeout(LONGEST).get();
        executor.setWatchdog(watchdog);
        try {
            executor.execute(new CommandLine(program.toFile()).addArgument("get"), environment);
        } catch (ExecuteException e) {
            if (watchdog.killedProcess()) {
                throw new CredentialException(program.getFileName() + " gave no answer within " + LONGEST.toSeconds()
                        + " s; see that it needs no terminal");
            }
            return Optional.empty(); // it knows nobody
        }
        try {
            JsonDocument json = JsonDocument.parse(output.toByteArray());
            String user = json.text("Username").orElse("");
            Optional<String> secret = json.text("Secret").filter(text -> !text.isEmpty());
            return secret.map(text -> new Credential(user, text));
        } catch (IOException e) {
            // without the cause, which may quote the secret
            throw new CredentialException(program.getFileName() + " answers no JSON; try it by hand");
        }
    }

    private static OutputStream bounded(ByteArrayOutputStream kept) {
        return new OutputStream() {
            @Override
            public void write(int one) {
                if (kept.size() < LIMIT) {
                    kept.write(one);
                }
            }
        };
    }
}
