package dev.dunnage.launcher.web;

import dev.dunnage.launcher.stream.BlockStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Optional;

/** Some bytes of a content; goes on where a connection broke off. */
final class ResumingStream extends BlockStream {
    private static final int PARTIAL = 206;

    private final Web web;
    private final Content content;
    private final long total;
    private long end;
    private long at;
    private int failures;
    private Optional<WebAnswer> answer = Optional.empty();

    /**
     * Asks for nothing yet.
     *
     * @param at first byte
     * @param end byte behind the last one
     * @param total length of the whole content
     */
    ResumingStream(Web web, Content content, long at, long end, long total) {
        this.web = web;
        this.content = content;
        this.at = at;
        this.end = end;
        this.total = total;
    }

    /** Asks, and tells whether the server gives parts. */
    boolean connect() throws IOException {
        return connected().status() == PARTIAL;
    }

    /** Gives everything after all, for a server that does not give parts. */
    void extend() {
        end = total;
    }

    private WebAnswer connected() throws IOException {
        if (answer.isEmpty()) {
            boolean whole = at == 0 && end == total;
            WebAnswer opened = content.open(whole ? Optional.empty() : Optional.of("bytes=" + at + "-" + (end - 1)));
            answer = Optional.of(opened);
            check(opened);
            if (opened.status() != PARTIAL) {
                opened.body().skipNBytes(at);
            }
        }
        return answer.get();
    }

    private void check(WebAnswer opened) throws WebException {
        boolean part = opened.status() == PARTIAL;
        if (part && !opened.header("Content-Range").orElse("").startsWith("bytes " + at + "-")) {
            throw unfit(opened, "sends other bytes than those asked for");
        } else if (opened.length().isPresent() && opened.length().getAsLong() != (part ? end - at : total)) {
            throw unfit(
                    opened,
                    "sends " + opened.length().getAsLong() + " bytes where " + (part ? end - at : total) + " belong");
        }
    }

    private WebException unfit(WebAnswer opened, String why) throws WebException {
        drop();
        return new WebException(opened.uri().getHost() + " " + why
                + "; the image there is damaged, or a proxy on the way changes it: tell who runs it");
    }

    @Override
    public int read(byte[] target, int from, int length) throws IOException {
        while (at < end) {
            try {
                int count = connected().body().read(target, from, (int) Math.min(length, end - at));
                if (count < 0) {
                    throw new EOFException("the connection ended " + (end - at) + " bytes too early");
                }
                at += count;
                failures = count > 0 ? 0 : failures;
                return count;
            } catch (WebException | InterruptedIOException e) {
                throw e;
            } catch (IOException e) {
                drop();
                retry(e);
            }
        }
        drop();
        return -1;
    }

    private void retry(IOException failure) throws IOException {
        failures++;
        Optional<Duration> pause = web.pauses().after(failures, Optional.empty());
        if (pause.isEmpty()) {
            throw new WebException(
                    "the connection broke off " + failures + " times at byte " + at + " of " + total + " ("
                            + failure.getMessage() + "); try again later, what came so far is kept",
                    failure);
        }
        Pauses.sleep(pause.get());
    }

    private void drop() {
        answer.ifPresent(opened -> ((StreamedBody) opened.body()).close());
        answer = Optional.empty();
    }

    @Override
    public void close() {
        drop();
    }
}
