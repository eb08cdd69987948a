package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.keyserver.KeyServer;
import dev.dunnage.launcher.keyserver.KeyServerException;
import dev.dunnage.launcher.keyserver.Progress;
import dev.dunnage.launcher.keyserver.ServerAddress;
import dev.dunnage.launcher.web.Trust;
import dev.dunnage.launcher.web.WebException;
import dev.dunnage.launcher.web.WebSettings;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which key server, and how patiently. */
final class KeyServerOptions {
    private static final String VARIABLE = "DUNNAGE_KEYSERVER";
    private static final int LONGEST = 3600;

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "Key server: https://HOST, http://HOST, hkps://HOST or hkp://HOST, with an optional port and"
                    + " path. Default: the environment variable DUNNAGE_KEYSERVER, else " + KeyServer.DEFAULT + ".")
    private Optional<String> url = Optional.empty();

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            description = "Longest time for an answer, default ${DEFAULT-VALUE}.",
            defaultValue = "30")
    private int timeout;

    ServerAddress address() throws KeyServerException {
        String set = System.getenv().getOrDefault(VARIABLE, "");
        return ServerAddress.parse(url.orElse(set.isBlank() ? KeyServer.DEFAULT : set.strip()));
    }

    KeyServer server(Progress progress) throws KeyServerException, CommandFailure, WebException {
        if (timeout < 1 || timeout > LONGEST) {
            throw new CommandFailure(2, "--timeout " + timeout + " is out of range; give 1 to " + LONGEST);
        }
        WebSettings settings = WebSettings.defaults().trusting(Trust.file(System.getenv()));
        return new KeyServer(address(), Duration.ofSeconds(timeout), settings, progress);
    }
}
