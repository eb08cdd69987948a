package dev.dunnage.launcher.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DescriptorBytesTest {
    private static final int SIZE = 3_000_000;

    private final byte[] content = new byte[SIZE];

    @TempDir
    private Path place;

    private FileChannel channel;
    private DescriptorBytes bytes;

    @BeforeEach
    void open() throws IOException {
        new Random(7).nextBytes(content);
        Path file =
                Files.write(place.resolve("image").toAbsolutePath(), content).toRealPath();
        channel = FileChannel.open(file);
        bytes = new DescriptorBytes(new Descriptor(number(file)));
    }

    /** The channel closes it. */
    @AfterEach
    void close() throws IOException {
        channel.close();
    }

    private static int number(Path file) throws IOException {
        try (DirectoryStream<Path> open = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path each : open) {
                if (Files.isSymbolicLink(each) && Files.readSymbolicLink(each).equals(file)) {
                    return Integer.parseInt(each.getFileName().toString());
                }
            }
        }
        throw new IOException(file + " is not open");
    }

    @Test
    void fillsDirectAndOtherBuffersFromWhereTheyStand() throws IOException {
        for (ByteBuffer whole : new ByteBuffer[] {ByteBuffer.allocateDirect(SIZE), ByteBuffer.allocate(SIZE)}) {
            ByteBuffer part = whole.position(1000).slice().position(11).limit(2_000_000);
            bytes.readFully(part, 4711);
            assertThat(part.remaining()).isZero();
            assertThat(part.position(11).slice()).isEqualTo(ByteBuffer.wrap(content, 4711, 1_999_989));
            assertThat(whole.get(1010)).as("the byte before").isZero();
            assertThat(whole.get(2_001_000)).as("the byte behind").isZero();
        }
    }

    @Test
    void tellsTheEnd() throws IOException {
        for (ByteBuffer target : new ByteBuffer[] {ByteBuffer.allocateDirect(64), ByteBuffer.allocate(64)}) {
            assertThat(bytes.read(target, SIZE - 10)).isEqualTo(10);
            assertThat(target.position()).isEqualTo(10);
            assertThat(bytes.read(target, SIZE)).isEqualTo(-1);
            assertThat(target.position()).isEqualTo(10);
            assertThat(bytes.read(target.limit(10), 0)).isZero();
        }
        assertThat(bytes.size()).isEqualTo(SIZE);
    }
}
