package dev.dunnage.launcher.credentials;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The names under which files of credentials keep one registry. */
final class RegistryNames {
    static final String DOCKER_HUB = "docker.io";
    private static final String HUB_ADDRESS = "https://index.docker.io/v1/";
    private static final Set<String> HUB_NAMES = Set.of("index.docker.io", "registry-1.docker.io", DOCKER_HUB);

    private RegistryNames() {}

    /** Host and port in an entry's name, which may be an address. */
    static String host(String entry) {
        String host = entry.replaceFirst("^[a-zA-Z][a-zA-Z0-9+.-]*://", "")
                .replaceFirst("/.*$", "")
                .toLowerCase(Locale.ROOT);
        return HUB_NAMES.contains(host) ? DOCKER_HUB : host;
    }

    /** What a helper is asked for, the most usual name first. */
    static List<String> forHelpers(String host) {
        return host.equals(DOCKER_HUB) ? List.of(HUB_ADDRESS, DOCKER_HUB) : List.of(host, "https://" + host);
    }
}
