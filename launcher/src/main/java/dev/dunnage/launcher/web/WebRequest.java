package dev.dunnage.launcher.web;

import java.net.URI;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What is asked of a server.
 *
 * @param headers sent wherever a redirect leads, so none of them is a secret
 * @param authorization sent to the origin of {@code uri} alone
 * @param body made anew for each attempt; empty when there is none
 */
public record WebRequest(
        String method,
        URI uri,
        Map<String, String> headers,
        Optional<String> authorization,
        Optional<Supplier<BodyPublisher>> body) {
    /** Copies the headers. */
    public WebRequest {
        headers = Map.copyOf(headers);
    }

    /** A GET request. */
    public static WebRequest get(URI uri) {
        return new WebRequest("GET", uri, Map.of(), Optional.empty(), Optional.empty());
    }

    /** Another method, without a body. */
    public static WebRequest of(String method, URI uri) {
        return new WebRequest(method, uri, Map.of(), Optional.empty(), Optional.empty());
    }

    /** With one more header. */
    public WebRequest with(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new WebRequest(method, uri, more, authorization, body);
    }

    /** With a secret for the server. */
    public WebRequest authorized(Optional<String> value) {
        return new WebRequest(method, uri, headers, value, body);
    }

    /** With a body. */
    public WebRequest sending(Supplier<BodyPublisher> publisher) {
        return new WebRequest(method, uri, headers, authorization, Optional.of(publisher));
    }

    WebRequest at(URI next) {
        return new WebRequest(method, next, headers, authorization, body);
    }

    boolean isRepeatable() {
        return method.equals("GET") || method.equals("HEAD");
    }

    BodyPublisher publisher() {
        return body.map(Supplier::get).orElseGet(BodyPublishers::noBody);
    }
}
