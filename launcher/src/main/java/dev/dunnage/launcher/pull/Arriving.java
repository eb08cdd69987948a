package dev.dunnage.launcher.pull;

import dev.dunnage.launcher.stream.BlockStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * A file that is being downloaded, to be read while it comes. Its end is reached only when all of it is here and was checked; a download that
 * fails makes reading fail.
 */
final class Arriving {
    private long here;
    private boolean isWhole;
    private Optional<Exception> failure = Optional.empty();
    private Optional<Path> file = Optional.empty();

    /** The first bytes of a file can be read now. */
    synchronized void here(Path of, long length) {
        file = Optional.of(of);
        here = length;
        notifyAll();
    }

    /** Downloads; what reads meanwhile is told how it ends. */
    Path run(Callable<Path> download) throws Exception {
        try {
            Path path = download.call();
            synchronized (this) {
                file = Optional.of(path);
                here = Long.MAX_VALUE; // up to its end
                isWhole = true;
                notifyAll();
            }
            return path;
        } catch (IOException | RuntimeException e) {
            synchronized (this) {
                failure = Optional.of(e);
                notifyAll();
            }
            throw e;
        }
    }

    /** Waits until there is something behind a place, or the end. Answers the length that may be read. */
    private synchronized long await(long at) throws IOException {
        try {
            while (here <= at && !isWhole && failure.isEmpty()) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for a download");
        }
        if (failure.isPresent()) {
            throw new IOException(failure.get().getMessage(), failure.get());
        }
        return here;
    }

    private synchronized Path file() throws IOException {
        return file.orElseThrow(() -> new IOException("nothing came"));
    }

    /** A new stream from the beginning. */
    InputStream open() throws IOException {
        await(0);
        FileChannel channel = FileChannel.open(file());
        return new BlockStream() {
            private long at;

            @Override
            public int read(byte[] target, int from, int length) throws IOException {
                int count = channel.read(ByteBuffer.wrap(target, from, (int) Math.min(length, await(at) - at)), at);
                at += Math.max(0, count);
                return count;
            }

            @Override
            public void close() throws IOException {
                channel.close();
            }
        };
    }
}
