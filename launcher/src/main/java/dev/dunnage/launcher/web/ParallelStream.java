package dev.dunnage.launcher.web;

import dev.dunnage.launcher.stream.BlockStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** A content in order, of which some segments ahead are fetched side by side. Holds {@code lanes} segments in memory. */
final class ParallelStream extends BlockStream {
    private final Web web;
    private final Content content;
    private final long total;
    private final int segment;
    private final ExecutorService workers;
    private final Queue<Future<byte[]>> ahead = new ArrayDeque<>();
    private InputStream current;
    private long asked;

    /**
     * Begins to fetch.
     *
     * @param first stream of the first segment
     * @param asked byte behind it
     */
    ParallelStream(Web web, Content content, ResumingStream first, long asked, long total, int segment, int lanes) {
        this.web = web;
        this.content = content;
        this.current = first;
        this.asked = asked;
        this.total = total;
        this.segment = segment;
        this.workers = Executors.newFixedThreadPool(lanes, work -> {
            Thread thread = new Thread(work, "dunnage-download");
            thread.setDaemon(true);
            return thread;
        });
        for (int lane = 1; lane < lanes; lane++) {
            ask();
        }
    }

    private void ask() {
        if (asked < total) {
            long from = asked;
            asked = Math.min(total, from + segment);
            long end = asked;
            ahead.add(workers.submit(() -> fetch(from, end)));
        }
    }

    private byte[] fetch(long from, long end) throws IOException {
        try (ResumingStream stream = new ResumingStream(web, content, from, end, total)) {
            return stream.readNBytes(Math.toIntExact(end - from));
        }
    }

    @Override
    public int read(byte[] target, int from, int length) throws IOException {
        for (; ; ) {
            int count = current.read(target, from, length);
            if (count >= 0 || ahead.isEmpty()) {
                return count;
            }
            current = new ByteArrayInputStream(next());
        }
    }

    private byte[] next() throws IOException {
        Future<byte[]> future = ahead.remove();
        ask();
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while downloading");
        }
    }

    @Override
    public void close() throws IOException {
        workers.shutdownNow();
        current.close();
    }
}
