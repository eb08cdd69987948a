package dev.dunnage.launcher.web;

import dev.dunnage.launcher.stream.BlockStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A body as a stream that fails when nothing comes for too long; the client's own stream would wait for ever. */
final class StreamedBody extends BlockStream implements BodySubscriber<InputStream> {
    private sealed interface Item permits Part, End {}

    private record Part(ByteBuffer bytes) implements Item {}

    private record End(Optional<Throwable> failure) implements Item {}

    private static final Subscription NOBODY = new Subscription() {
        @Override
        public void request(long count) {}

        @Override
        public void cancel() {}
    };

    private final Duration silence;
    private final BlockingQueue<Item> items = new LinkedBlockingQueue<>();
    private volatile Subscription subscription = NOBODY;
    private Item current = new Part(ByteBuffer.allocate(0));

    StreamedBody(Duration silence) {
        this.silence = silence;
    }

    @Override
    public CompletionStage<InputStream> getBody() {
        return CompletableFuture.completedStage(this);
    }

    @Override
    public void onSubscribe(Subscription given) {
        subscription = given;
        given.request(1);
    }

    @Override
    public void onNext(List<ByteBuffer> parts) {
        parts.forEach(part -> items.add(new Part(part)));
        items.add(new Part(ByteBuffer.allocate(0))); // when it is taken, the next ones are asked for
    }

    @Override
    public void onError(Throwable failure) {
        items.add(new End(Optional.of(failure)));
    }

    @Override
    public void onComplete() {
        items.add(new End(Optional.empty()));
    }

    @Override
    public int read(byte[] target, int from, int length) throws IOException {
        while (length > 0) {
            if (current instanceof End end) {
                return ended(end);
            } else if (current instanceof Part part && part.bytes().hasRemaining()) {
                int count = Math.min(length, part.bytes().remaining());
                part.bytes().get(target, from, count);
                return count;
            }
            current = next();
        }
        return 0;
    }

    private static int ended(End end) throws IOException {
        if (end.failure().isPresent()) {
            throw new IOException(
                    end.failure().get().getMessage(), end.failure().get());
        }
        return -1;
    }

    private Item next() throws IOException {
        try {
            Item item = items.poll(silence.toMillis(), TimeUnit.MILLISECONDS);
            if (item == null) {
                close();
                throw new IOException("nothing came for " + silence.toSeconds() + " s");
            }
            if (item instanceof Part part && !part.bytes().hasRemaining()) {
                subscription.request(1);
            }
            return item;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while a server was sending");
        }
    }

    @Override
    public void close() {
        subscription.cancel();
        current = new End(Optional.of(new IOException("closed")));
        items.clear();
    }
}
