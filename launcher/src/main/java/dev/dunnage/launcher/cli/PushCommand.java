package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.cache.CacheCare;
import dev.dunnage.launcher.library.LibraryPusher;
import dev.dunnage.launcher.pull.Servers;
import dev.dunnage.launcher.reference.Digest;
import dev.dunnage.launcher.reference.ImageReference;
import dev.dunnage.launcher.reference.LibraryReference;
import dev.dunnage.launcher.reference.RegistryReference;
import dev.dunnage.launcher.registry.Pusher;
import dev.dunnage.launcher.registry.RegistryClient;
import dev.dunnage.policy.SourceSettings;
import dev.dunnage.sif.Architecture;
import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifImage;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dunnage push}. */
@Command(
        name = "push",
        description = {
            "Puts an image into a registry (oras://HOST/NAME:TAG), where other SIF tools pull it too, or into a library",
            "(library://[HOST/]ENTITY/COLLECTION/NAME:TAG). Signatures are part of the image and go with it."
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class PushCommand extends BaseCommand {
    @Parameters(index = "0", paramLabel = "IMAGE", description = "The SIF file.")
    private Path image;

    @Parameters(index = "1", paramLabel = "REFERENCE", description = "Where it goes, and its name there.")
    private String named;

    @Option(
            names = "--arch",
            paramLabel = "NAME",
            description = "Architecture under which a library lists it; default: that of the image.")
    private Optional<String> architecture = Optional.empty();

    @Option(
            names = {"-q", "--quiet"},
            description = "No progress bar.")
    private boolean quiet;

    @Mixin
    private SourceOptions sources;

    @Override
    public Integer call() throws Exception {
        ImageReference reference = PullCommand.parse(named);
        if (reference.digest().isPresent()) {
            throw new CommandFailure(2, "'" + named + "' names a digest, which follows from the image; name a tag");
        }
        Architecture own = check();
        Digest digest = CacheCare.hash(image);
        SourceSettings settings = sources.settings();
        try (ProgressBar bar = ProgressBar.on(err(), quiet)) {
            Servers servers = sources.servers(sources.web(settings, bar::tell), settings, PullCommand.host(reference));
            if (reference instanceof RegistryReference registry && registry.kind() == RegistryReference.Kind.ORAS) {
                RegistryClient client = new RegistryClient(servers.web(), servers.registries(), servers.credentials());
                Digest manifest =
                        new Pusher(client, bar).push(registry, image, String.valueOf(image.getFileName()), digest);
                out().println("pushed " + registry.pinned(manifest));
            } else if (reference instanceof LibraryReference library) {
                Architecture listed = architecture.isPresent() ? PullCommand.arch(architecture) : own;
                new LibraryPusher(servers.library(library), library, bar).push(image, digest, listed);
                out().println("pushed " + library + "@" + digest);
            } else {
                throw new CommandFailure(
                        2, "'" + named + "' cannot be pushed to; write oras://HOST/NAME:TAG or library://...");
            }
        }
        return 0;
    }

    /** What is no image does not go out. */
    private Architecture check() throws Exception {
        try (FileChannel channel = FileChannel.open(image)) {
            return SifImage.read(ImageBytes.of(channel))
                    .primarySystem()
                    .partition()
                    .orElseThrow()
                    .architecture();
        }
    }
}
