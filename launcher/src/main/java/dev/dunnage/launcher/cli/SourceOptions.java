package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.credentials.UserCredentials;
import dev.dunnage.launcher.keys.UserKeys;
import dev.dunnage.launcher.plan.SitePaths;
import dev.dunnage.launcher.pull.Servers;
import dev.dunnage.launcher.registry.RegistrySettings;
import dev.dunnage.launcher.web.Trust;
import dev.dunnage.launcher.web.Web;
import dev.dunnage.launcher.web.WebException;
import dev.dunnage.launcher.web.WebSettings;
import dev.dunnage.policy.SiteConfigLoader;
import dev.dunnage.policy.SiteFileException;
import dev.dunnage.policy.SourceSettings;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Option;

/** How servers of images are talked to: the site's settings, and what the user says on top. */
final class SourceOptions {
    private static final String LIBRARY = "DUNNAGE_LIBRARY";

    @Option(
            names = {"--plain-http", "--no-https"},
            description =
                    "Talk to the registry that is named without TLS. Passwords are then sent to this machine alone.")
    private boolean plainHttp;

    @Option(
            names = "--site-config",
            paramLabel = "FILE",
            description = "Settings in place of /etc/dunnage/dunnage.yaml.")
    private Optional<Path> config = Optional.empty();

    SourceSettings settings() throws SiteFileException {
        Path file = config.orElseGet(() -> SitePaths.defaults().config());
        return new SiteConfigLoader(PolicySource.ownership(file)).load(file).sources();
    }

    static UserCredentials credentials() {
        return new UserCredentials(UserKeys.home(), System.getenv());
    }

    Web web(SourceSettings settings, Web.Notices notices) throws WebException {
        return new Web(
                WebSettings.defaults().trusting(Trust.file(System.getenv()).or(settings::caBundle)), notices);
    }

    /** All servers, as the site wants them. */
    Servers servers(Web web, SourceSettings settings, String host) throws CommandFailure {
        return new Servers(web, registrySettings(settings, host), credentials(), library(settings));
    }

    /** What {@code library://} without a host means. */
    private static Optional<URI> library(SourceSettings settings) throws CommandFailure {
        String set = System.getenv().getOrDefault(LIBRARY, "");
        if (set.isEmpty()) {
            return settings.library().map(URI::create);
        } else if (!set.matches("https?://[A-Za-z0-9.:\\[\\]-]+(/[A-Za-z0-9._~/-]*)?")) {
            throw new CommandFailure(2, LIBRARY + "=" + set + " is no address; write https://HOST");
        }
        return Optional.of(URI.create(set.replaceFirst("/+$", "")));
    }

    RegistrySettings registrySettings(SourceSettings settings, String host) {
        Map<String, List<URI>> mirrors = new HashMap<>();
        settings.mirrors()
                .forEach((name, addresses) ->
                        mirrors.put(name, addresses.stream().map(URI::create).toList()));
        RegistrySettings registries = new RegistrySettings(settings.allowed(), mirrors, settings.insecure());
        return plainHttp ? registries.alsoInsecure(Set.of(host)) : registries;
    }
}
