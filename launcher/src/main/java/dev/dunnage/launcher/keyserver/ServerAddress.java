package dev.dunnage.launcher.keyserver;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where a key server is.
 *
 * @param base {@code http} or {@code https}, without user, query and trailing slash
 * @param authorization value of the HTTP header; empty when the address names no user
 */
public record ServerAddress(URI base, Optional<String> authorization) {
    private static final int HKP_PORT = 11371;
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

    /**
     * Reads an address: {@code https://HOST}, {@code http://HOST}, {@code hkps://HOST}, {@code hkp://HOST} or
     * {@code HOST}, with an optional port and path.
     *
     * @throws KeyServerException when it is none of these, or would send a password in the clear
     */
    public static ServerAddress parse(String text) throws KeyServerException {
        URI given = uri(text.contains("://") ? text : "https://" + text, text);
        String scheme = orEmpty(given.getScheme()).toLowerCase(Locale.ROOT);
        boolean secure = scheme.equals("https") || scheme.equals("hkps");
        if (given.getHost() == null || !(secure || scheme.equals("http") || scheme.equals("hkp"))) {
            throw unfit(text);
        }
        int port = scheme.equals("hkp") && given.getPort() < 0 ? HKP_PORT : given.getPort();
        String path = orEmpty(given.getRawPath()).replaceFirst("/+$", "");
        URI base = uri((secure ? "https://" : "http://") + given.getHost() + (port < 0 ? "" : ":" + port) + path, text);
        Optional<String> user = Optional.ofNullable(given.getUserInfo());
        if (user.isPresent() && !secure && !LOOPBACK.contains(given.getHost())) {
            throw new KeyServerException("the password for " + given.getHost()
                    + " would go over the network in the clear; use https, or leave it out");
        }
        return new ServerAddress(base, user.map(ServerAddress::basic));
    }

    private static URI uri(String uri, String given) throws KeyServerException {
        try {
            return new URI(uri);
        } catch (URISyntaxException e) {
            throw unfit(given);
        }
    }

    private static KeyServerException unfit(String text) {
        return new KeyServerException("'" + text.replaceFirst("//[^/@]*@", "//")
                + "' is no address of a key server; write it as https://keys.example.org");
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    private static String basic(String user) {
        return "Basic " + Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8));
    }

    URI resolve(String pathAndQuery) {
        return URI.create(base + pathAndQuery);
    }

    /** The address without secrets, for messages. */
    @Override
    public String toString() {
        return base.toString();
    }
}
