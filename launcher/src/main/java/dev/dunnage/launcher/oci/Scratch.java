package dev.dunnage.launcher.oci;

import dev.dunnage.launcher.stream.BlockStream;
import dev.dunnage.launcher.stream.WatchedStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Keeps layers as they were unpacked for the first reading, so that the second one need not unpack them again. Files have no name and end
 * with this process, however it ends. What does not fit is not kept.
 */
public final class Scratch {
    private static final long USUAL = 4L << 30;

    private final Optional<Path> directory;
    private final AtomicLong left;

    private Scratch(Optional<Path> directory, long limit) {
        this.directory = directory;
        this.left = new AtomicLong(limit);
    }

    /** In a directory, 4 GiB at most. */
    public static Scratch in(Path directory) {
        return new Scratch(Optional.of(directory), USUAL);
    }

    /** The same with another limit, in bytes. */
    static Scratch in(Path directory, long limit) {
        return new Scratch(Optional.of(directory), limit);
    }

    /** Keeps nothing. */
    public static Scratch none() {
        return new Scratch(Optional.empty(), 0);
    }

    /** One layer. */
    Kept begin() {
        try {
            return new Kept(directory.isPresent() ? Optional.of(open(directory.get())) : Optional.empty(), left);
        } catch (IOException e) {
            return new Kept(Optional.empty(), left); // it would only have saved time
        }
    }

    private static FileChannel open(Path directory) throws IOException {
        return FileChannel.open(
                directory.resolve(".layer-" + UUID.randomUUID()),
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.DELETE_ON_CLOSE); // on Linux its name goes at once
    }

    /** The unpacked bytes of one layer, if they are all here. */
    static final class Kept implements AutoCloseable {
        private final AtomicLong left;
        private Optional<FileChannel> file;

        private Kept(Optional<FileChannel> file, AtomicLong left) {
            this.file = file;
            this.left = left;
        }

        /** Everything that is read of a stream goes here too, in the blocks in which it is read. */
        InputStream of(InputStream source) {
            return new Tee(source);
        }

        private void keep(byte[] bytes, int offset, int length) {
            if (file.isEmpty()) {
                return;
            }
            try {
                if (left.addAndGet(-length) < 0) {
                    close();
                    return;
                }
                ByteBuffer rest = ByteBuffer.wrap(bytes, offset, length);
                while (rest.hasRemaining()) {
                    file.get().write(rest);
                }
            } catch (IOException e) {
                close(); // a full disk; the image itself may still fit
            }
        }

        /** From the beginning; empty when they are not here. */
        Optional<InputStream> again() throws IOException {
            if (file.isEmpty()) {
                return Optional.empty();
            }
            file.get().position(0);
            return Optional.of(new Channel(file.get()));
        }

        @Override
        public void close() {
            try {
                if (file.isPresent()) {
                    file.get().close();
                }
            } catch (IOException e) {
                // it has no name; the kernel gives its blocks back
            }
            file = Optional.empty();
        }

        private final class Tee extends WatchedStream {
            Tee(InputStream source) {
                super(source);
            }

            @Override
            public int read(byte[] target, int from, int length) throws IOException {
                int count = in.readNBytes(target, from, length); // few large pieces for the disk
                if (count > 0) {
                    keep(target, from, count);
                    return count;
                }
                return length == 0 ? 0 : -1;
            }
        }
    }

    /** Reads on; the file stays open for its owner to close. */
    private static final class Channel extends BlockStream {
        private final FileChannel file;

        Channel(FileChannel file) {
            this.file = file;
        }

        @Override
        public int read(byte[] target, int from, int length) throws IOException {
            return file.read(ByteBuffer.wrap(target, from, length));
        }

        @Override
        public long skip(long count) throws IOException {
            long by = Math.max(0, Math.min(count, file.size() - file.position()));
            file.position(file.position() + by);
            return by;
        }
    }
}
