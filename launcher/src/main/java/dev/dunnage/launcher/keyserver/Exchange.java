package dev.dunnage.launcher.keyserver;

import dev.dunnage.launcher.web.Web;
import dev.dunnage.launcher.web.WebAnswer;
import dev.dunnage.launcher.web.WebException;
import dev.dunnage.launcher.web.WebRequest;
import dev.dunnage.launcher.web.WebSettings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One request and its answer: tried once, and bounded in time and size as a whole. */
final class Exchange {
    private static final int LIMIT = 8 << 20;
    private static final int BUFFER = 1 << 14;
    private static final String CURE = "; check the network of this machine, or name another server with --url";

    private final Web web;
    private final Duration patience;
    private final Progress progress;

    /**
     * Prepares exchanges.
     *
     * @param patience for a whole exchange, redirects included
     */
    Exchange(WebSettings settings, Duration patience, Progress progress) throws WebException {
        this.web = new Web(settings.pacing(patience, 1, Duration.ZERO, Duration.ZERO), line -> {});
        this.patience = patience;
        this.progress = progress;
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
        WebRequest plain = form.isEmpty()
                ? WebRequest.get(uri)
                : WebRequest.of("POST", uri)
                        .with("Content-Type", "application/x-www-form-urlencoded")
                        .sending(() -> BodyPublishers.ofString(form.get()));
        WebRequest request = plain.authorized(authorization);
        String host = uri.getHost();
        progress.at(host, 0);
        FutureTask<Answer> task = new FutureTask<>(() -> answer(request, host));
        Thread thread = new Thread(task, "dunnage-keyserver");
        thread.setDaemon(true);
        thread.start();
        try {
            return task.get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw tooSlow(host, e);
        } catch (ExecutionException e) {
            throw failure(host, e.getCause() == null ? e : e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while key server " + host + " was asked");
        } finally {
            task.cancel(true);
        }
    }

    private Answer answer(WebRequest request, String host) throws IOException {
        try (WebAnswer answer = web.send(request)) {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            byte[] bytes = new byte[BUFFER];
            for (int count = answer.body().read(bytes);
                    count >= 0;
                    count = answer.body().read(bytes)) {
                body.write(bytes, 0, count);
                if (body.size() > LIMIT) {
                    throw new WebException(host + " answers with more than " + LIMIT + " bytes");
                }
                progress.at(host, body.size());
            }
            return new Answer(answer.status(), body.toByteArray());
        }
    }

    private KeyServerException tooSlow(String host, Throwable cause) {
        return new KeyServerException(
                "key server " + host + " gave no complete answer within " + patience.toSeconds()
                        + " s; try again, or give it more time with --timeout",
                cause);
    }

    private KeyServerException failure(String host, Throwable cause) {
        if (cause instanceof HttpTimeoutException || cause.getCause() instanceof HttpTimeoutException) {
            return tooSlow(host, cause);
        } else if (cause instanceof WebException) {
            // what it says to do is meant for servers of images
            String what = String.valueOf(cause.getMessage()).replaceFirst(";[^;]*$", "");
            return new KeyServerException("key server " + what + CURE, cause);
        }
        return new KeyServerException(
                "key server " + host + " broke the connection off (" + cause.getMessage() + "); try again later",
                cause);
    }
}
