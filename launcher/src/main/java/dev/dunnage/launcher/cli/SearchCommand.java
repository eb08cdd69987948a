package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.library.LibraryClient;
import dev.dunnage.launcher.pull.Servers;
import dev.dunnage.launcher.reference.LibraryReference;
import dev.dunnage.policy.SourceSettings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dunnage search}. */
@Command(
        name = "search",
        description = "Searches a container library for images. Registries of the OCI kind have no search.")
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class SearchCommand extends BaseCommand {
    @Parameters(paramLabel = "WORD", description = "Part of a name or description.")
    private String word;

    @Option(
            names = "--library",
            paramLabel = "HOST",
            description = "Library to ask; default: DUNNAGE_LIBRARY, else the one of the site's settings.")
    private Optional<String> host = Optional.empty();

    @Option(names = "--arch", paramLabel = "NAME", description = "Only images for this architecture.")
    private Optional<String> architecture = Optional.empty();

    @Mixin
    private JsonOption json;

    @Mixin
    private SourceOptions sources;

    @Override
    public Integer call() throws Exception {
        SourceSettings settings = sources.settings();
        Optional<String> named = host.isPresent() ? Optional.of(RegistryCommand.host(host.get())) : Optional.empty();
        Servers servers = sources.servers(
                sources.web(settings, line -> err().println("dunnage: " + line)), settings, named.orElse(""));
        LibraryReference place = new LibraryReference(named, "search", "search", "search", "latest", Optional.empty());
        List<LibraryClient.Hit> hits = servers.library(place)
                .search(
                        word,
                        architecture.isPresent() ? Optional.of(PullCommand.arch(architecture)) : Optional.empty());
        for (LibraryClient.Hit hit : hits) {
            if (json.wanted()) {
                Map<String, Object> line = new LinkedHashMap<>();
                line.put("kind", hit.kind());
                line.put("reference", hit.reference());
                line.put("description", hit.description());
                out().println(JsonLine.of(line));
            } else {
                out().println(hit.reference() + (hit.description().isEmpty() ? "" : "\t" + hit.description()));
            }
        }
        return hits.isEmpty() ? 1 : 0;
    }
}
