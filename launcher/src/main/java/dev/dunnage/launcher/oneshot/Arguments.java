package dev.dunnage.launcher.oneshot;

import dev.dunnage.launcher.plan.SitePaths;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The command line of {@link OneShot}.
 *
 * @param site the site's files
 * @param store directory of the image store
 * @param warmUp whether to load classes and leave
 */
record Arguments(SitePaths site, Path store, boolean warmUp) {
    static final Path DEFAULT_STORE = Path.of("/var/cache/dunnage/images");
    static final String WARM_UP = "--warm-up";
    static final String USAGE = "use: [--policy FILE] [--config FILE] [--store DIRECTORY] | --warm-up";

    /** The settings lie beside the policy unless they are named. */
    static Arguments parse(String[] args) {
        Path policy = SitePaths.defaults().policy();
        Optional<Path> config = Optional.empty();
        Path store = DEFAULT_STORE;
        boolean warmUp = false;
        for (int at = 0; at < args.length; at++) {
            switch (args[at]) {
                case "--policy" -> policy = path(args, ++at);
                case "--config" -> config = Optional.of(path(args, ++at));
                case "--store" -> store = path(args, ++at);
                case WARM_UP -> warmUp = true;
                default -> throw new IllegalArgumentException("unknown argument '" + args[at] + "'; " + USAGE);
            }
        }
        return new Arguments(
                new SitePaths(policy, config.orElse(policy.resolveSibling("dunnage.yaml"))), store, warmUp);
    }

    private static Path path(String[] args, int at) {
        if (at >= args.length) {
            throw new IllegalArgumentException(args[at - 1] + " wants a value; " + USAGE);
        }
        return Path.of(args[at]).toAbsolutePath();
    }
}
