package dev.dunnage.launcher.web;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Proxies as {@code https_proxy}, {@code http_proxy} and {@code no_proxy} name them, in either case. */
public final class EnvironmentProxies extends ProxySelector {
    private static final int DEFAULT_PORT = 3128;

    private final Map<String, String> environment;

    private EnvironmentProxies(Map<String, String> environment) {
        this.environment = environment;
    }

    /** Those of an environment, whose names are in either case. */
    public static ProxySelector of(Map<String, String> environment) {
        return new EnvironmentProxies(environment);
    }

    @Override
    public List<Proxy> select(URI uri) {
        String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
        String proxy = value(scheme + "_proxy");
        String address = proxy.isEmpty() ? value("all_proxy") : proxy;
        return List.of(address.isEmpty() || isExempt(String.valueOf(uri.getHost())) ? Proxy.NO_PROXY : proxy(address));
    }

    private String value(String name) {
        String lower = environment.getOrDefault(name, "");
        // a server of web pages would set HTTP_PROXY from a request; a command does not, and users write it
        return lower.isEmpty() ? environment.getOrDefault(name.toUpperCase(Locale.ROOT), "") : lower;
    }

    private boolean isExempt(String host) {
        for (String entry : value("no_proxy").split(",", -1)) {
            String name = entry.strip().toLowerCase(Locale.ROOT).replaceFirst("^\\*?\\.", "");
            if (name.equals("*") || (!name.isEmpty() && (host.equals(name) || host.endsWith("." + name)))) {
                return true;
            }
        }
        return false;
    }

    private static Proxy proxy(String address) {
        URI uri = URI.create(address.contains("://") ? address : "http://" + address);
        int port = uri.getPort() >= 0 ? uri.getPort() : DEFAULT_PORT;
        return new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(String.valueOf(uri.getHost()), port));
    }

    @Override
    public void connectFailed(URI uri, SocketAddress address, IOException failure) {
        // the failure reaches the caller of the request
    }
}
