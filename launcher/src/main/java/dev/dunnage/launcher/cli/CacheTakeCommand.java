package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.cache.ImageCache;
import dev.dunnage.launcher.pull.Nodes;
import dev.dunnage.launcher.pull.Puller;
import dev.dunnage.launcher.reference.Digest;
import dev.dunnage.launcher.reference.ImageReference;
import dev.dunnage.launcher.web.Meter;
import dev.dunnage.policy.SourceSettings;
import dev.dunnage.sif.Architecture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dunnage cache take}: what {@code dunnage pull --to-nodes} runs on each node of a job. Prints one line that says how it went. */
@Command(name = "take", hidden = true, description = "Takes an image that was sent to this node into the cache.")
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class CacheTakeCommand extends BaseCommand {
    private static final Path NODE = Path.of("/proc/sys/kernel/hostname");

    @Option(
            names = "--file",
            paramLabel = "FILE",
            description = "Where it was sent to; gone afterwards. Without: only look, and make the cache.")
    private Optional<Path> file = Optional.empty();

    @Parameters(index = "0", paramLabel = "REFERENCE", description = "What it was pulled as.")
    private String reference;

    @Parameters(index = "1", paramLabel = "PINNED", description = "The reference with its digest.")
    private String pinned;

    @Parameters(index = "2", paramLabel = "DIGEST", description = "Of the file.")
    private String digest;

    @Mixin
    private CacheOptions caches;

    @Mixin
    private SourceOptions sources;

    @Override
    public Integer call() throws Exception {
        SourceSettings settings = sources.settings();
        ImageReference named = PullCommand.parse(reference);
        Digest content = Digest.parse(digest)
                .orElseThrow(() -> new CommandFailure(2, digest + " is no digest; write sha256: and 64 digits"));
        ImageCache cache = caches.cache(settings);
        try {
            cache.prepare();
            Puller puller = new Puller(
                    cache,
                    sources.servers(sources.web(settings, line -> {}), settings, PullCommand.host(named)),
                    Meter.none(),
                    line -> {});
            boolean here = puller.take(named, PullCommand.parse(pinned), content, Architecture.host(), file);
            out().println(here ? Nodes.HERE : Nodes.ABSENT);
        } catch (IOException e) {
            out().println(Files.readString(NODE).strip() + ": " + e.getMessage());
        } finally {
            if (file.isPresent()) {
                Files.deleteIfExists(file.get());
            }
        }
        return 0;
    }
}
