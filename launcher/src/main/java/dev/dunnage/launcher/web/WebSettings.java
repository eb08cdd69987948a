package dev.dunnage.launcher.web;

import java.net.ProxySelector;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How servers are talked to.
 *
 * @param silence longest time without a byte, for connecting as well
 * @param attempts for each request, at least 1
 * @param pause before the second attempt; doubled for each further one
 * @param longestPause that a server may ask for; more than that ends the attempts
 * @param caBundle PEM certificates that are trusted beside those of the Java runtime
 */
public record WebSettings(
        Duration silence,
        int attempts,
        Duration pause,
        Duration longestPause,
        Optional<Path> caBundle,
        ProxySelector proxies) {
    /** Patient enough for a busy server: 5 attempts, 60 s of silence; proxies as the environment says. */
    public static WebSettings defaults() {
        return new WebSettings(
                Duration.ofSeconds(60),
                5,
                Duration.ofMillis(500),
                Duration.ofSeconds(60),
                Optional.empty(),
                EnvironmentProxies.of(System.getenv()));
    }

    /** With more trusted certificates. */
    public WebSettings trusting(Optional<Path> bundle) {
        return new WebSettings(silence, attempts, pause, longestPause, bundle, proxies);
    }

    /** With another patience. */
    public WebSettings pacing(Duration newSilence, int newAttempts, Duration newPause, Duration newLongestPause) {
        return new WebSettings(newSilence, newAttempts, newPause, newLongestPause, caBundle, proxies);
    }
}
