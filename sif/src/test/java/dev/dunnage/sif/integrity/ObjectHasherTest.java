package dev.dunnage.sif.integrity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dunnage.sif.DataType;
import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifObject;
import dev.dunnage.sif.TestImages;
import dev.dunnage.sif.write.NewObject;
import dev.dunnage.sif.write.ObjectSource;
import dev.dunnage.sif.write.SifWriter;
import dev.dunnage.sif.write.WriteOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ObjectHasherTest {
    private static final int[] SIZES = {0, 1, 1 << 20, (1 << 20) + 1, 5_000_001, 3 << 20, 4_194_304, 2_000_000};

    @TempDir
    Path directory;

    private byte[] content;
    private List<SifObject> objects;

    @BeforeEach
    void prepare() throws Exception {
        Random random = new Random(1);
        List<NewObject> specs = new ArrayList<>();
        for (int size : SIZES) {
            byte[] bytes = new byte[size];
            random.nextBytes(bytes);
            specs.add(NewObject.of(DataType.GENERIC, ObjectSource.of(bytes)));
        }
        Path file = directory.resolve("big.sif");
        SifWriter.create(file, WriteOptions.deterministic(), specs);
        content = Files.readAllBytes(file);
        objects = SifImage.read(TestImages.of(content)).objects();
    }

    private String expected(SifObject object, String algorithm) throws Exception {
        byte[] bytes = Arrays.copyOfRange(content, (int) object.offset(), (int) object.end());
        return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(bytes));
    }

    /** Reads in odd pieces, as a slow medium does, and counts. */
    private final class Counting implements ImageBytes {
        private final ImageBytes bytes = TestImages.of(content);
        private final AtomicLong count = new AtomicLong();

        @Override
        public long size() throws IOException {
            return bytes.size();
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            int limit = target.limit();
            target.limit(target.position() + Math.min(target.remaining(), 100_003));
            int read = bytes.read(target, position);
            target.limit(limit);
            count.addAndGet(read);
            return read;
        }
    }

    @Test
    void hashesManyObjectsOnceEach() throws Exception {
        Counting bytes = new Counting();
        ObjectHasher hasher = new ObjectHasher(bytes);
        for (SifObject each : objects) {
            hasher.want(each, DigestAlgorithm.SHA256);
            hasher.want(each, DigestAlgorithm.SHA512);
        }
        for (SifObject each : objects) {
            assertThat(hasher.digest(each, DigestAlgorithm.SHA256).hex()).isEqualTo(expected(each, "SHA-256"));
            assertThat(hasher.digest(each, DigestAlgorithm.SHA512).hex()).isEqualTo(expected(each, "SHA-512"));
        }
        assertThat(bytes.count).hasValue(Arrays.stream(SIZES).asLongStream().sum());
        // Not announced, so it costs another reading, of this object only.
        SifObject last = objects.get(7);
        assertThat(hasher.digest(last, DigestAlgorithm.SHA384).hex()).isEqualTo(expected(last, "SHA-384"));
        assertThat(bytes.count).hasValue(Arrays.stream(SIZES).asLongStream().sum() + last.size());
    }

    @Test
    void hashesContentsOneBehindTheOther() throws Exception {
        MessageDigest all = MessageDigest.getInstance("SHA-256");
        for (SifObject each : objects) {
            all.update(content, (int) each.offset(), (int) each.size());
        }
        assertThat(new ObjectHasher(new Counting())
                        .digest(objects, DigestAlgorithm.SHA256)
                        .hex())
                .isEqualTo(HexFormat.of().formatHex(all.digest()));
    }

    /** An image that is cut, or breaks, while it is read. */
    private record Failing(ImageBytes bytes, long from, boolean broken) implements ImageBytes {
        @Override
        public long size() throws IOException {
            return bytes.size();
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            if (position >= from && broken) {
                throw new IllegalStateException("broken");
            }
            return position >= from ? -1 : bytes.read(target, position);
        }
    }

    @Test
    void tellsFailuresAndLeavesNoThread() throws Exception {
        for (SifObject each : List.of(objects.get(4), objects.get(6))) {
            for (boolean broken : List.of(false, true)) {
                ObjectHasher hasher =
                        new ObjectHasher(new Failing(TestImages.of(content), each.offset() + 1_500_000, broken));
                objects.forEach(object -> hasher.want(object, DigestAlgorithm.SHA256));
                assertThatThrownBy(() -> hasher.digest(each, DigestAlgorithm.SHA256))
                        .isInstanceOf(broken ? IllegalStateException.class : IOException.class)
                        .hasStackTraceContaining(broken ? "broken" : "do not change images in use");
            }
        }
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().startsWith("sif-"));
    }

    @Test
    void interruptionEndsTheReading() throws Exception {
        SifObject object = objects.get(4);
        ObjectHasher hasher = new ObjectHasher(TestImages.of(content));
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> hasher.digest(object, DigestAlgorithm.SHA256))
                .isInstanceOf(java.io.InterruptedIOException.class);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(hasher.digest(object, DigestAlgorithm.SHA256).hex()).isEqualTo(expected(object, "SHA-256"));
    }
}
