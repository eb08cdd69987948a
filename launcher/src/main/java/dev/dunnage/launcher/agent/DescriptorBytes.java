package dev.dunnage.launcher.agent;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import dev.dunnage.launcher.store.ImageFacts;
import dev.dunnage.sif.ImageBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * The bytes of a received image. Opening {@code /proc/self/fd/N} instead would ask for the user's rights again.
 *
 * @param image the descriptor, closed by its owner
 */
record DescriptorBytes(Descriptor image) implements ImageBytes {
    private static final int CHUNK = 1 << 20;

    @Override
    public long size() throws IOException {
        return ImageFacts.of(Path.of("/proc/self/fd", Integer.toString(image.number())))
                .size();
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
        int wanted = Math.min(target.remaining(), CHUNK);
        if (wanted == 0) {
            return 0;
        }
        try (Memory bytes = new Memory(wanted)) {
            int count = (int) pread(bytes, wanted, position);
            if (count == 0) {
                return -1;
            }
            target.put(bytes.getByteBuffer(0, count));
            return count;
        }
    }

    private long pread(Memory bytes, int count, long position) throws IOException {
        while (true) {
            try {
                return Libc.pread(image.number(), bytes, count, position);
            } catch (LastErrorException e) {
                if (e.getErrorCode() != Libc.EINTR) {
                    throw new IOException("read error " + e.getMessage(), e);
                }
            }
        }
    }
}
