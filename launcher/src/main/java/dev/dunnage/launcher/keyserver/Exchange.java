package dev.dunnage.launcher.keyserver;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;

/** One request and its answer over HTTP(S): bounded in time and size, redirects followed with care. */
final class Exchange {
    private static final int LIMIT = 8 << 20;
    private static final int MAX_REDIRECTS = 5;

    private final HttpClient client;
    private final Duration patience;
    private final Progress progress;

    /**
     * Prepares exchanges.
     *
     * @param client that follows no redirects itself
     * @param patience for a whole exchange, redirects included
     */
    Exchange(HttpClient client, Duration patience, Progress progress) {
        this.client = client;
        this.patience = patience;
        this.progress = progress;
    }

    static HttpClient client(Duration patience, Optional<SSLContext> trust, ProxySelector proxies) {
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .proxy(proxies)
                .connectTimeout(patience);
        trust.ifPresent(builder::sslContext);
        return builder.build();
    }

    /** What came back in the end. */
    @SuppressWarnings("ArrayRecordComponent") // a carrier between two methods, never compared
    record Answer(int status, byte[] body) {}

    /**
     * Asks.
     *
     * @param form body of a POST request; empty makes it a GET request
     * @param authorization is sent to the server at {@code uri} and to no other one
     */
    Answer send(URI uri, Optional<String> form, Optional<String> authorization) throws IOException, KeyServerException {
        long deadline = System.nanoTime() + patience.toNanos();
        URI at = uri;
        for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
            Optional<String> secret = Redirect.sameOrigin(uri, at) ? authorization : Optional.empty();
            HttpResponse<byte[]> response = once(request(at, form, secret), deadline);
            int status = response.statusCode();
            Optional<String> location = response.headers().firstValue("Location");
            if (!isRedirect(status) || location.isEmpty()) {
                return new Answer(status, response.body());
            }
            if (form.isPresent() && status < 307) {
                throw new KeyServerException(
                        "key server " + at.getHost() + " has moved to another address; give it with --url");
            }
            at = Redirect.follow(at, location.get());
        }
        throw new KeyServerException("key server " + uri.getHost() + " redirects more than " + MAX_REDIRECTS
                + " times; name another server with --url");
    }

    private static boolean isRedirect(int status) {
        return (status >= 301 && status <= 303) || status == 307 || status == 308;
    }

    private static HttpRequest request(URI uri, Optional<String> form, Optional<String> authorization) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).header("User-Agent", "dunnage");
        authorization.ifPresent(value -> request.header("Authorization", value));
        return form.isPresent()
                ? request.header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(BodyPublishers.ofString(form.get()))
                        .build()
                : request.GET().build();
    }

    /** The client's own time-out ends with the headers; this one covers the body too. */
    private HttpResponse<byte[]> once(HttpRequest request, long deadline) throws IOException, KeyServerException {
        String host = request.uri().getHost();
        progress.at(host, 0);
        CompletableFuture<HttpResponse<byte[]>> answer =
                client.sendAsync(request, info -> new BoundedBody(LIMIT, bytes -> progress.at(host, bytes)));
        try {
            return answer.get(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw tooSlow(host, e);
        } catch (ExecutionException e) {
            throw failure(request.uri(), e.getCause() == null ? e : e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while key server " + host + " was asked");
        } finally {
            answer.cancel(true);
        }
    }

    private KeyServerException tooSlow(String host, Throwable cause) {
        return new KeyServerException(
                "key server " + host + " gave no complete answer within " + patience.toSeconds()
                        + " s; try again, or give it more time with --timeout",
                cause);
    }

    private KeyServerException failure(URI uri, Throwable cause) {
        String server = "key server " + uri.getHost();
        if (cause instanceof HttpTimeoutException) {
            return tooSlow(uri.getHost(), cause);
        } else if (cause instanceof BoundedBody.TooLargeException) {
            return new KeyServerException(
                    server + " answers with " + cause.getMessage()
                            + "; ask for less, or name another server with --url",
                    cause);
        } else if (cause instanceof ConnectException) {
            boolean unknown = causes(cause).anyMatch(UnresolvedAddressException.class::isInstance);
            String why = unknown ? " has a name that nobody knows" : " cannot be reached";
            return new KeyServerException(
                    server + why + "; check the network of this machine, or name another server with --url", cause);
        } else if (cause instanceof SSLException) {
            return new KeyServerException(
                    server + " has no certificate that this Java trusts, or speaks no TLS (" + cause.getMessage()
                            + "); check the address given with --url",
                    cause);
        }
        return new KeyServerException(
                server + " broke the connection off (" + cause.getMessage() + "); try again later", cause);
    }

    private static Stream<Throwable> causes(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause);
    }
}
