package dev.dunnage.launcher.agent;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import dev.dunnage.launcher.store.ImageFacts;
import dev.dunnage.sif.ImageBytes;
import java.io.IOException;
import java.lang.ref.Reference;
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
        int count = target.isDirect() ? straight(target, wanted, position) : copied(target, wanted, position);
        return count == 0 ? -1 : count;
    }

    /** What large images are hashed from: nothing lies between kernel and target. */
    private int straight(ByteBuffer target, int wanted, long position) throws IOException {
        int at = target.position();
        try {
            int count = (int) pread(Native.getDirectBufferPointer(target).share(at), wanted, position);
            target.position(at + count);
            return count;
        } finally {
            Reference.reachabilityFence(target);
        }
    }

    private int copied(ByteBuffer target, int wanted, long position) throws IOException {
        try (Memory bytes = new Memory(wanted)) {
            int count = (int) pread(bytes, wanted, position);
            target.put(bytes.getByteBuffer(0, count));
            return count;
        }
    }

    private long pread(Pointer bytes, int count, long position) throws IOException {
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
