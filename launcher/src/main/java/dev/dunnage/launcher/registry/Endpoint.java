package dev.dunnage.launcher.registry;

import java.net.URI;

/**
 * A server that has the images of a registry: the registry itself or a mirror.
 *
 * @param host by which credentials are looked up
 * @param base scheme, host and port; a path, without slash at its end, comes before the names of repositories
 */
public record Endpoint(String host, URI base) {
    private static final String DOCKER_HUB_SERVER = "registry-1.docker.io";

    static Endpoint of(String host, boolean insecure) {
        String server = host.equals("docker.io") ? DOCKER_HUB_SERVER : host;
        return new Endpoint(host, URI.create((insecure ? "http://" : "https://") + server));
    }

    static Endpoint mirror(URI address) {
        return new Endpoint(String.valueOf(address.getAuthority()), address);
    }

    /** The name of a repository at this server. */
    String repository(String name) {
        String path = base.getPath() == null
                ? ""
                : base.getPath().replaceFirst("^/+", "").replaceFirst("/+$", "");
        return path.isEmpty() ? name : path + "/" + name;
    }

    URI at(String name, String rest) {
        return base.resolve("/v2/" + repository(name) + rest);
    }

    /** For messages. */
    @Override
    public String toString() {
        return String.valueOf(base.getAuthority());
    }
}
