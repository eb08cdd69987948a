package dev.dunnage.launcher.registry;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a site says about registries.
 *
 * @param allowed hosts that may be asked, {@code *.DOMAIN} for all below a domain; empty: any
 * @param mirrors by the host that they stand for, in the order in which they are tried before it
 * @param insecure hosts, with an optional port, that speak plain HTTP
 */
public record RegistrySettings(List<String> allowed, Map<String, List<URI>> mirrors, Set<String> insecure) {
    /** Copies them. */
    public RegistrySettings {
        allowed = List.copyOf(allowed);
        mirrors = Map.copyOf(mirrors);
        insecure = Set.copyOf(insecure);
    }

    /** Any host, no mirror, TLS everywhere. */
    public static RegistrySettings defaults() {
        return new RegistrySettings(List.of(), Map.of(), Set.of());
    }

    /** With more hosts that speak plain HTTP. */
    public RegistrySettings alsoInsecure(Set<String> more) {
        Set<String> all = new TreeSet<>(insecure);
        all.addAll(more);
        return new RegistrySettings(allowed, mirrors, all);
    }

    /** Whether the site lets this host be asked. */
    public boolean allows(String host) {
        return allowed.isEmpty() || allowed.stream().anyMatch(pattern -> matches(pattern, host));
    }

    private static boolean matches(String pattern, String host) {
        String bare = host.replaceFirst(":[0-9]+$", "");
        return pattern.equals(host)
                || pattern.equals(bare)
                || (pattern.startsWith("*.") && bare.endsWith(pattern.substring(1)));
    }
}
