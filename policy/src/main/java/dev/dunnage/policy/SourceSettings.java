package dev.dunnage.policy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where images come from and where they are kept, from {@code dunnage.yaml}:
 *
 * <pre>{@code
 * registries:
 *   allowed: [docker.io, "*.example.org"]             # default: any
 *   mirrors: {docker.io: [https://mirror.example.org]} # asked first
 *   insecure: [localhost:5000]                        # plain HTTP
 *   ca-bundle: /etc/ssl/site.pem
 *   library: https://library.example.org              # meant by library:// without a host
 * image-cache:
 *   directory: /scratch/%u/dunnage                    # %u the user, %h the home directory
 *   shared: /sw/dunnage/images                        # of the site, read only
 *   size: 50GiB
 * pull: {at: start, mode: missing}
 * }</pre>
 *
 * @param allowed hosts, {@code *.DOMAIN} for all below a domain; empty: any
 * @param mirrors addresses {@code http(s)://HOST[:PORT][/PATH]} without a slash at the end, by the host that they stand for
 * @param insecure hosts, with an optional port, that speak plain HTTP
 * @param library address as those of mirrors
 * @param cacheDirectory with {@code %u} and {@code %h} in it
 * @param cacheSize bytes of one user's cache
 * @param pullAt when a job's image is pulled if the user did not say
 * @param pullMode whether a server is asked if the user did not say
 */
public record SourceSettings(
        List<String> allowed,
        Map<String, List<String>> mirrors,
        Set<String> insecure,
        Optional<Path> caBundle,
        Optional<String> library,
        String cacheDirectory,
        Optional<Path> sharedCache,
        long cacheSize,
        PullTime pullAt,
        PullMode pullMode) {
    /** Settings of a site that said nothing. */
    public static final SourceSettings DEFAULTS = new SourceSettings(
            List.of(),
            Map.of(),
            Set.of(),
            Optional.empty(),
            Optional.empty(),
            "%h/.dunnage/images",
            Optional.empty(),
            50L << 30,
            PullTime.START,
            PullMode.MISSING);

    /** Copies the collections. */
    public SourceSettings {
        allowed = List.copyOf(allowed);
        mirrors = Map.copyOf(mirrors);
        insecure = Set.copyOf(insecure);
    }

    /** When the image of a job is pulled. */
    public enum PullTime {
        /** By srun and sbatch. */
        SUBMIT,
        /** By the first node that needs it. */
        START
    }

    /** Whether a server is asked for an image. */
    public enum PullMode {
        /** Unless it is in a cache. */
        MISSING,
        /** For what a tag means now; content that is in a cache is not fetched again. */
        ALWAYS,
        /** What is in no cache is an error. */
        NEVER
    }
}
