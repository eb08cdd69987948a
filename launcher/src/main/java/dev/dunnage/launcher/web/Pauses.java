package dev.dunnage.launcher.web;

import java.io.InterruptedIOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** How long to wait before a request is made again. */
final class Pauses {
    private final WebSettings settings;

    Pauses(WebSettings settings) {
        this.settings = settings;
    }

    /**
     * The pause before the next attempt.
     *
     * @param attempt that failed, from 1
     * @param retryAfter of the server
     * @return empty when this was the last one, or the server asks for more time than anybody wants to wait
     */
    Optional<Duration> after(int attempt, Optional<String> retryAfter) {
        if (attempt >= settings.attempts()) {
            return Optional.empty();
        }
        Duration own = settings.pause().multipliedBy(1L << Math.min(attempt - 1, 10));
        // many nodes that failed together should not come back together
        long spread = ThreadLocalRandom.current().nextLong(own.toMillis() / 2 + 1);
        Duration wanted = retryAfter.flatMap(Pauses::parse).orElse(own.plusMillis(spread));
        return wanted.compareTo(settings.longestPause()) > 0 ? Optional.empty() : Optional.of(wanted);
    }

    private static Optional<Duration> parse(String text) {
        if (text.matches("[0-9]{1,9}")) {
            return Optional.of(Duration.ofSeconds(Long.parseLong(text)));
        }
        try {
            Instant until = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            Duration wait = Duration.between(Instant.now(), until);
            return Optional.of(wait.isNegative() ? Duration.ZERO : wait);
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    static void sleep(Duration pause) throws InterruptedIOException {
        try {
            Thread.sleep(pause.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for a server");
        }
    }
}
