package dev.dunnage.sif.write;

import dev.dunnage.sif.ImageBytes;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Optional;

/** The opened content of a new object. */
public final class SourceContent implements AutoCloseable {
    private static final int BUFFER = 1 << 20;

    private final ImageBytes bytes;
    private final long offset;
    private final long size;
    private final Optional<FileChannel> file;

    private SourceContent(ImageBytes bytes, long offset, long size, Optional<FileChannel> file) {
        this.bytes = bytes;
        this.offset = offset;
        this.size = size;
        this.file = file;
    }

    static SourceContent of(FileChannel file) throws IOException {
        return new SourceContent(ImageBytes.of(file), 0, file.size(), Optional.of(file));
    }

    static SourceContent of(ImageBytes bytes, long offset, long size) {
        return new SourceContent(bytes, offset, size, Optional.empty());
    }

    static SourceContent of(byte[] content) {
        return of(new MemoryBytes(content), 0, content.length);
    }

    private record MemoryBytes(ByteBuffer content) implements ImageBytes {
        MemoryBytes(byte[] content) {
            this(ByteBuffer.wrap(content).asReadOnlyBuffer());
        }

        @Override
        public long size() {
            return content.capacity();
        }

        @Override
        public int read(ByteBuffer target, long position) {
            int count = (int) Math.min(target.remaining(), content.capacity() - position);
            target.put(content.duplicate().position((int) position).limit((int) position + count));
            return count;
        }
    }

    ImageBytes bytes() {
        return bytes;
    }

    long offset() {
        return offset;
    }

    long size() {
        return size;
    }

    /** Copies everything to {@code target} from {@code position} on. */
    void copyTo(FileChannel target, long position) throws IOException {
        if (file.isPresent()) {
            transfer(file.get(), target, position);
            return;
        }
        ByteBuffer buffer = ByteBuffer.allocateDirect((int) Math.min(BUFFER, Math.max(1, size)));
        for (long done = 0; done < size; done += buffer.limit()) {
            buffer.clear().limit((int) Math.min(buffer.capacity(), size - done));
            bytes.readFully(buffer, offset + done);
            write(target, buffer.flip(), position + done);
        }
    }

    static void write(FileChannel target, ByteBuffer content, long position) throws IOException {
        long at = position;
        while (content.hasRemaining()) {
            at += target.write(content, at);
        }
    }

    private void transfer(FileChannel source, FileChannel target, long start) throws IOException {
        for (long done = 0; done < size; ) {
            long count = source.transferTo(done, size - done, target.position(start + done));
            if (count <= 0) {
                throw new EOFException("a file became shorter while it was copied, try again");
            }
            done += count;
        }
    }

    @Override
    public void close() throws IOException {
        if (file.isPresent()) {
            file.get().close();
        }
    }
}
