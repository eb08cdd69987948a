package dev.dunnage.sif.integrity;

import dev.dunnage.sif.ImageBytes;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Reads a part of an image in a thread of its own, so that whoever hashes it never waits for a copy out of the page
 * cache. Four small buffers go round: enough to cover a slow read, little enough to stay in a processor's cache.
 */
final class ReadAhead implements AutoCloseable {
    private static final int BUFFER = 256 << 10;
    private static final int BUFFERS = 4;

    private final ImageBytes bytes;
    private final long end;
    private final BlockingQueue<ByteBuffer> free = new ArrayBlockingQueue<>(BUFFERS + 1);
    private final BlockingQueue<Step> full = new ArrayBlockingQueue<>(BUFFERS + 1);
    private final Thread reader;
    private volatile boolean stopped;
    private long left;

    /** Starts to read. */
    ReadAhead(ImageBytes bytes, long start, long end) {
        this.bytes = bytes;
        this.end = end;
        this.left = end - start;
        for (int i = 0; i < BUFFERS; i++) {
            free.add(ByteBuffer.allocateDirect(BUFFER));
        }
        this.reader = new Thread(() -> run(start), "sif-reader");
        reader.setDaemon(true);
        reader.start();
    }

    private sealed interface Step {
        record Filled(ByteBuffer content) implements Step {}

        record Failed(IOException problem) implements Step {}

        record Broken(RuntimeException problem) implements Step {}
    }

    /** Takes what was read. Nobody interrupts this thread: that would close the channel it reads from. */
    private void run(long start) {
        try {
            for (long at = start; at < end && !stopped; ) {
                ByteBuffer buffer = free.take();
                if (stopped) {
                    return;
                }
                buffer.clear().limit((int) Math.min(buffer.capacity(), end - at));
                bytes.readFully(buffer, at);
                at += buffer.limit();
                full.put(new Step.Filled(buffer.flip()));
            }
        } catch (IOException e) {
            full.add(new Step.Failed(e));
        } catch (RuntimeException e) {
            full.add(new Step.Broken(e));
        } catch (InterruptedException e) {
            full.add(new Step.Failed(new InterruptedIOException("reading the image was interrupted, try again")));
        }
    }

    /** Whether there is more to come. */
    boolean hasNext() {
        return left > 0;
    }

    /** The next piece; goes back with {@link #recycle}. */
    ByteBuffer next() throws IOException {
        Step step = take();
        if (step instanceof Step.Filled filled) {
            left -= filled.content().remaining();
            return filled.content();
        }
        if (step instanceof Step.Failed failed) {
            throw failed.problem();
        }
        throw ((Step.Broken) step).problem();
    }

    private Step take() throws IOException {
        try {
            return full.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("reading the image was interrupted, try again");
        }
    }

    void recycle(ByteBuffer buffer) {
        free.add(buffer);
    }

    /** Waits for the reader, at most as long as one read takes: it must not touch the image afterwards. */
    @Override
    public void close() {
        stopped = true;
        if (free.isEmpty()) {
            free.add(ByteBuffer.allocate(0));
        }
        Joining.join(reader);
    }
}
