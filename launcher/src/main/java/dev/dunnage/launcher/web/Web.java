package dev.dunnage.launcher.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;

/** Asks servers: follows redirects with care, and asks again when a server is busy or a connection breaks. Thread-safe. */
public final class Web {
    private static final int TOO_MANY = 429;
    /** The client counts the upload itself into the time for an answer. */
    private static final Duration LONGEST_UPLOAD = Duration.ofHours(12);

    private final HttpClient client;
    private final WebSettings settings;
    private final Pauses pauses;
    private final Notices notices;

    /** Is told what makes a user wait; called from any thread. */
    @FunctionalInterface
    public interface Notices {
        /** One line, without secrets. */
        void tell(String line);
    }

    /**
     * Connects to nothing yet.
     *
     * @throws WebException when the CA bundle cannot be used
     */
    public Web(WebSettings settings, Notices notices) throws WebException {
        SSLContext trust =
                settings.caBundle().isPresent() ? Trust.with(settings.caBundle().get()) : Trust.usual();
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .proxy(settings.proxies())
                .connectTimeout(settings.silence())
                .sslContext(trust)
                .build();
        this.settings = settings;
        this.pauses = new Pauses(settings);
        this.notices = notices;
    }

    WebSettings settings() {
        return settings;
    }

    Pauses pauses() {
        return pauses;
    }

    /**
     * Asks, and asks again on 429, on 5xx and on broken connections when the request may be repeated.
     *
     * @return the last answer, whatever its status; to be closed
     * @throws WebException when there is none
     */
    public WebAnswer send(WebRequest request) throws IOException {
        for (int attempt = 1; ; attempt++) {
            Optional<Duration> pause;
            try {
                WebAnswer answer = followed(request);
                pause = isBusy(answer) && request.isRepeatable()
                        ? pauses.after(attempt, answer.header("Retry-After"))
                        : Optional.empty();
                if (pause.isEmpty()) {
                    return answer;
                }
                answer.close();
                tell(answer.uri(), "answers with HTTP status " + answer.status(), pause.get());
            } catch (WebException | InterruptedIOException e) {
                throw e;
            } catch (IOException e) {
                pause = request.isRepeatable() && !isFinal(e)
                        ? pauses.after(attempt, Optional.empty())
                        : Optional.empty();
                if (pause.isEmpty()) {
                    throw failure(request.uri(), e);
                }
                tell(request.uri(), "broke the connection off", pause.get());
            }
            Pauses.sleep(pause.get());
        }
    }

    private void tell(URI uri, String what, Duration pause) {
        notices.tell(uri.getHost() + " " + what + ", asking again in " + Math.max(1, pause.toSeconds()) + " s");
    }

    private static boolean isBusy(WebAnswer answer) {
        return answer.status() == TOO_MANY || answer.status() >= 500;
    }

    /** What another attempt cannot mend. */
    private static boolean isFinal(IOException failure) {
        return failure instanceof SSLException
                || causes(failure).anyMatch(UnresolvedAddressException.class::isInstance);
    }

    private WebAnswer followed(WebRequest request) throws IOException {
        Origin first = Origin.of(request.uri());
        WebRequest now = request;
        boolean left = false;
        for (int hop = 0; hop <= Redirects.MAX; hop++) {
            // once gone, a secret is not picked up again: a foreign server would decide where it goes
            left |= !Origin.of(now.uri()).equals(first);
            WebAnswer answer = once(left ? now.authorized(Optional.empty()) : now);
            Optional<String> location = answer.header("Location");
            if (!Redirects.isRedirect(answer.status()) || location.isEmpty()) {
                return answer;
            }
            answer.close();
            if (!request.isRepeatable() && answer.status() < 307) {
                throw new WebException(
                        now.uri().getHost() + " has moved to another address; ask who runs it for the new one");
            }
            now = now.at(Redirects.follow(now.uri(), location.get()));
        }
        throw new WebException(
                request.uri().getHost() + " redirects more than " + Redirects.MAX + " times; tell who runs it");
    }

    private WebAnswer once(WebRequest request) throws IOException {
        HttpRequest.Builder builder = HttpRequest.newBuilder(request.uri())
                .timeout(request.body().isPresent() ? LONGEST_UPLOAD : settings.silence())
                .header("User-Agent", "dunnage")
                .method(request.method(), request.publisher());
        request.headers().forEach(builder::header);
        request.authorization().ifPresent(value -> builder.header("Authorization", value));
        try {
            HttpResponse<InputStream> response =
                    client.send(builder.build(), info -> new StreamedBody(settings.silence()));
            return new WebAnswer(request.uri(), response.statusCode(), response.headers(), response.body());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException(
                    "interrupted while " + request.uri().getHost() + " was asked");
        }
    }

    private WebException failure(URI uri, IOException cause) {
        String server = uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort());
        if (cause instanceof HttpTimeoutException) {
            return new WebException(
                    server + " gave no answer within " + settings.silence().toSeconds() + " s; try again later", cause);
        } else if (cause instanceof ConnectException) {
            boolean unknown = causes(cause).anyMatch(UnresolvedAddressException.class::isInstance);
            return new WebException(
                    server + (unknown ? " has a name that nobody knows" : " cannot be reached")
                            + "; check the name and the network of this machine, and https_proxy if it needs a proxy",
                    cause);
        } else if (cause instanceof SSLException) {
            return new WebException(
                    server + " has no certificate that is trusted here, or speaks no TLS (" + cause.getMessage()
                            + "); name its CA in ca-bundle, or the host in insecure of dunnage.yaml",
                    cause);
        }
        return new WebException(
                server + " broke the connection off (" + cause.getMessage() + "); try again later", cause);
    }

    private static Stream<Throwable> causes(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause);
    }
}
