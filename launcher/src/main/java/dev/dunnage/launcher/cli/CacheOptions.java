package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.cache.ImageCache;
import dev.dunnage.launcher.keys.UserKeys;
import dev.dunnage.policy.SourceSettings;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which cache of images is meant. */
final class CacheOptions {
    private static final String VARIABLE = "DUNNAGE_CACHEDIR";

    @Option(
            names = "--cache",
            paramLabel = "DIR",
            description =
                    "Image cache. Default: the environment variable DUNNAGE_CACHEDIR, else what the site's settings"
                            + " name, else ~/.dunnage/images.")
    private Optional<Path> directory = Optional.empty();

    ImageCache cache(SourceSettings settings) throws CommandFailure {
        Optional<Path> shared = settings.sharedCache();
        return new ImageCache(place(settings), shared, settings.cacheSize());
    }

    private Path place(SourceSettings settings) throws CommandFailure {
        String set = System.getenv().getOrDefault(VARIABLE, "");
        if (directory.isPresent()) {
            return directory.get().toAbsolutePath();
        } else if (!set.isEmpty()) {
            if (!set.startsWith("/")) {
                throw new CommandFailure(2, VARIABLE + "=" + set + " is relative; give an absolute path");
            }
            return Path.of(set);
        }
        return Path.of(settings.cacheDirectory()
                .replace("%u", System.getProperty("user.name"))
                .replace("%h", UserKeys.home().toString()));
    }
}
