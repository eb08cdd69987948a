package dev.dunnage.launcher.oci;

import dev.dunnage.launcher.stream.BlockStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/** Reads a stream in a thread of its own, some blocks ahead of who takes them: unpacking a layer and looking at it use two processors. */
final class ReadAhead extends BlockStream {
    private static final int BLOCK = 1 << 18;
    private static final int BLOCKS = 4;

    /** What the thread has read; an empty block with or without a failure is the end. */
    @SuppressWarnings("ArrayRecordComponent") // a carrier between two threads, never compared
    private record Block(byte[] bytes, int length, Optional<Exception> failure) {}

    private final InputStream source;
    private final BlockingQueue<Block> ready = new ArrayBlockingQueue<>(BLOCKS);
    private final BlockingQueue<byte[]> free = new ArrayBlockingQueue<>(BLOCKS + 2);
    private final Thread reader = new Thread(this::fill, "dunnage-unpack");
    private Block current = new Block(new byte[BLOCK], 0, Optional.empty());
    private int at;
    private boolean hasEnded;

    private ReadAhead(InputStream source) {
        this.source = source;
        reader.setDaemon(true);
    }

    /** Begins to read; closing it closes the source. */
    static ReadAhead of(InputStream source) {
        ReadAhead stream = new ReadAhead(source);
        stream.reader.start();
        return stream;
    }

    private void fill() {
        try (source) {
            for (Block block = next(); ; block = next()) {
                ready.put(block);
                if (block.length() == 0) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // nobody wants the rest
        } catch (IOException e) {
            // everything was read; it only could not be closed
        }
    }

    private Block next() {
        byte[] spare = free.poll();
        byte[] bytes = spare == null ? new byte[BLOCK] : spare;
        try {
            return new Block(bytes, source.readNBytes(bytes, 0, bytes.length), Optional.empty());
        } catch (IOException | RuntimeException e) {
            return new Block(bytes, 0, Optional.of(e));
        }
    }

    @Override
    public int read(byte[] target, int from, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (at == current.length() && !hasEnded) {
            take();
        }
        if (hasEnded) {
            return ended();
        }
        int count = Math.min(length, current.length() - at);
        System.arraycopy(current.bytes(), at, target, from, count);
        at += count;
        return count;
    }

    private void take() throws IOException {
        free.offer(current.bytes());
        try {
            current = ready.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while unpacking");
        }
        at = 0;
        hasEnded = current.length() == 0;
    }

    private int ended() throws IOException {
        if (current.failure().isPresent()) {
            throw new IOException(
                    current.failure().get().getMessage(), current.failure().get());
        }
        return -1;
    }

    @Override
    public void close() {
        reader.interrupt();
    }
}
