package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.credentials.Credential;
import dev.dunnage.launcher.credentials.UserCredentials;
import dev.dunnage.launcher.registry.RegistryClient;
import dev.dunnage.launcher.registry.RegistrySettings;
import dev.dunnage.policy.SourceSettings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dunnage registry}. */
@Command(
        name = "registry",
        description = {
            "Logs in to registries of images.",
            "Logins of Docker, Podman and Apptainer count as well, with their credential helpers."
        },
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {RegistryCommand.Login.class, RegistryCommand.Logout.class, RegistryCommand.Show.class})
final class RegistryCommand extends BaseCommand {
    private static final String NO_HOST =
            "%s is no host of a registry; write HOST or HOST:PORT, such as registry.example.org";

    @Override
    public Integer call() throws CommandFailure {
        throw new CommandFailure(2, "no command was given; see dunnage registry --help");
    }

    /** As references spell it. */
    static String host(String text) throws CommandFailure {
        String host = text.toLowerCase(Locale.ROOT)
                .replaceFirst("^(https?|oras|docker|library)://", "")
                .replaceFirst("/+$", "");
        if (!host.matches("[a-z0-9.-]+(:[0-9]{1,5})?|\\[[0-9a-f:]+](:[0-9]{1,5})?")) {
            throw new CommandFailure(2, NO_HOST.formatted(text.contains("@") ? "that" : "'" + text + "'"));
        }
        return host.equals("index.docker.io") || host.equals("registry-1.docker.io") ? "docker.io" : host;
    }

    /** {@code dunnage registry login}. */
    @Command(
            name = "login",
            description = {
                "Keeps a password or token for a registry in ~/.dunnage/registry.json, once the registry has accepted it.",
                "It is read from the terminal or from standard input, never from the command line."
            })
    @SuppressWarnings("NullAway.Init") // picocli fills the fields
    static final class Login extends BaseCommand {
        private static final int LIMIT = 1 << 16;

        @Parameters(paramLabel = "HOST", description = "Host of the registry, with a port if it has one of its own.")
        private String given;

        @Option(
                names = {"-u", "--username"},
                paramLabel = "NAME",
                description = "Name of the user; asked for when it is missing.")
        private Optional<String> user = Optional.empty();

        @Option(names = "--password-stdin", description = "Read the password or token from standard input.")
        private boolean stdin;

        @Option(
                names = "--token",
                description = "The secret is a token without a user, as libraries give them out, or an identity token.")
        private boolean token;

        @Option(names = "--no-check", description = "Do not ask the registry whether it accepts the password.")
        private boolean unchecked;

        @Mixin
        private SourceOptions sources;

        @Override
        public Integer call() throws Exception {
            String host = host(given);
            Credential credential =
                    token ? Credential.token(secret("Token")) : new Credential(name(), secret("Password"));
            SourceSettings settings = sources.settings();
            if (!unchecked && !token) {
                RegistrySettings plain = sources.registrySettings(settings, host);
                new RegistryClient(sources.web(settings, err()::println), plain, asked -> Optional.of(credential))
                        .checkLogin(host);
            }
            SourceOptions.credentials().own().put(host, credential);
            out().println("logged in to " + host + (token ? "" : " as " + credential.user()));
            return 0;
        }

        private String name() throws CommandFailure {
            Optional<String> name = stdin
                    ? user
                    : user.or(() -> Passphrase.terminal()
                            .map(console -> console.readLine("User: ").strip()));
            return name.filter(text -> !text.isEmpty() && !text.contains(":"))
                    .orElseThrow(
                            () -> new CommandFailure(2, "no user is named; give one with --username, without a colon"));
        }

        private String secret(String prompt) throws IOException, CommandFailure {
            String secret = stdin
                    ? firstLine()
                    : Passphrase.terminal()
                            .map(console -> new String(console.readPassword("%s: ", prompt)))
                            .orElseThrow(() -> new CommandFailure(
                                    2, "there is no terminal to ask for the password; use --password-stdin"));
            if (secret.isEmpty()) {
                throw new CommandFailure(2, "the password is empty; nothing was changed");
            }
            return secret;
        }

        private static String firstLine() throws IOException {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            InputStream in = System.in;
            for (int one = in.read(); one >= 0 && one != '\n' && line.size() < LIMIT; one = in.read()) {
                line.write(one);
            }
            return line.toString(StandardCharsets.UTF_8).replaceFirst("\r$", "");
        }
    }

    /** {@code dunnage registry logout}. */
    @Command(name = "logout", description = "Forgets what dunnage registry login keeps for a registry.")
    @SuppressWarnings("NullAway.Init") // picocli fills the fields
    static final class Logout extends BaseCommand {
        @Parameters(paramLabel = "HOST", description = "Host of the registry, as dunnage registry list shows it.")
        private String given;

        @Override
        public Integer call() throws Exception {
            String host = host(given);
            UserCredentials credentials = SourceOptions.credentials();
            if (!credentials.own().remove(host)) {
                throw new CommandFailure(
                        1,
                        "you are not logged in to " + host
                                + " by dunnage; 'dunnage registry list' shows who knows you");
            }
            out().println("logged out of " + host);
            return 0;
        }
    }

    /** {@code dunnage registry list}. */
    @Command(name = "list", description = "Lists the registries that you are logged in to, without the secrets.")
    @SuppressWarnings("NullAway.Init") // picocli fills the fields
    static final class Show extends BaseCommand {
        @Mixin
        private JsonOption json;

        @Override
        public Integer call() throws Exception {
            for (UserCredentials.Login login : SourceOptions.credentials().logins()) {
                String keeper =
                        login.helper().map(name -> "docker-credential-" + name).orElse("");
                if (json.wanted()) {
                    Map<String, Object> line = new LinkedHashMap<>();
                    line.put("host", login.host());
                    line.put("user", login.user());
                    line.put("helper", login.helper());
                    line.put("file", login.file().toString());
                    out().println(JsonLine.of(line));
                } else {
                    out().println(login.host() + "\t" + login.user().orElse(keeper) + "\t" + login.file());
                }
            }
            return 0;
        }
    }
}
