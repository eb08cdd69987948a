package dev.dunnage.sif.squashfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** File systems that mksquashfs made, whole and damaged. */
class SquashfsReaderTest {
    private static final int OFFSET = 4096;
    private static final int MANY = 700;

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "xz", "zstd", "lz4", "lzo"})
    void readsWhatWasPacked(String compressor) throws Exception {
        byte[] large = noise(600_000);
        Path tree = tree(large);
        Path image = pack(tree, compressor);
        try (FileChannel channel = FileChannel.open(image, StandardOpenOption.READ)) {
            SquashfsReader reader = open(channel);

            assertThat(reader.names("/")).containsExactly("empty", "large", "link", "many", "sparse", "sub");
            assertThat(reader.names("/many")).hasSize(MANY).contains("file-0", "file-699");
            assertThat(reader.names("/absent")).isEmpty();
            assertThat(reader.entry("/link")).contains(new SquashfsReader.Entry("link", 0, "sub/text"));
            assertThat(reader.entry("/sub")).contains(new SquashfsReader.Entry("directory", 0, ""));
            assertThat(reader.entry("/sub/none")).isEmpty();
            assertThat(content(reader, "/large")).isEqualTo(large);
            assertThat(content(reader, "/sub/text")).asString().isEqualTo("hello\n");
            assertThat(content(reader, "/empty")).isEmpty();
            assertThat(content(reader, "/sparse")).isEqualTo(new byte[400_000]);
            assertThat(content(reader, "/many/file-333")).asString().isEqualTo("number 333");
            assertThatThrownBy(() -> reader.file("/sub")).isInstanceOf(SquashfsException.class);
        }
    }

    /** Damage ends in a checked exception or in other content, in little memory and time. */
    @Test
    void damagedFileSystemsDoNoHarm() throws Exception {
        byte[] sound = Files.readAllBytes(pack(tree(noise(100_000)), "gzip"));
        Random random = new Random(11);
        Path image = directory.resolve("damaged");
        int refused = 0;
        for (int round = 0; round < 400; round++) {
            byte[] content = sound.clone();
            for (int change = 0; change < 3; change++) {
                boolean head = random.nextBoolean();
                int at = head ? OFFSET + random.nextInt(96) : content.length - 1 - random.nextInt(20_000);
                content[at] = (byte) random.nextInt(256);
            }
            Files.write(image, content);
            try (FileChannel channel = FileChannel.open(image, StandardOpenOption.READ)) {
                walk(open(channel), "/", 0);
            } catch (SquashfsException | SifFormatException e) {
                assertThat(e.getMessage()).isNotBlank();
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(50);
    }

    private static void walk(SquashfsReader reader, String path, int depth) throws IOException {
        for (String name : reader.names(path)) {
            String child = path.equals("/") ? "/" + name : path + "/" + name;
            var entry = reader.entry(child).orElseThrow();
            if (entry.kind().equals("directory") && depth < 4) {
                walk(reader, child, depth + 1);
            } else if (entry.kind().equals("file")) {
                SquashfsFile file = reader.file(child);
                file.read(ByteBuffer.allocate(1000), Math.max(0, file.size() - 1000));
            }
        }
    }

    private static SquashfsReader open(FileChannel channel) throws IOException, SifFormatException {
        return SquashfsReader.open(ImageBytes.of(channel), OFFSET, channel.size() - OFFSET);
    }

    private static byte[] content(SquashfsReader reader, String path) throws IOException {
        SquashfsFile file = reader.file(path);
        ByteBuffer content = ByteBuffer.allocate((int) file.size());
        while (content.hasRemaining()) {
            assertThat(file.read(content, content.position())).isPositive();
        }
        return content.array();
    }

    private Path tree(byte[] large) throws IOException {
        Path tree = Files.createDirectories(directory.resolve("tree"));
        Files.write(tree.resolve("large"), large);
        Files.write(tree.resolve("sparse"), new byte[400_000]);
        Files.createFile(tree.resolve("empty"));
        Files.createSymbolicLink(tree.resolve("link"), Path.of("sub/text"));
        Files.writeString(Files.createDirectory(tree.resolve("sub")).resolve("text"), "hello\n");
        Path many = Files.createDirectory(tree.resolve("many"));
        for (int i = 0; i < MANY; i++) {
            Files.writeString(many.resolve("file-" + i), "number " + i);
        }
        return tree;
    }

    /** Half of it can be compressed. */
    private static byte[] noise(int length) {
        byte[] content = new byte[length];
        Random random = new Random(7);
        for (int at = 0; at < length / 2; at++) {
            content[at] = (byte) random.nextInt(256);
        }
        return content;
    }

    private Path pack(Path tree, String compressor) throws IOException, InterruptedException {
        assumeTrue(Files.exists(Path.of("/usr/bin/mksquashfs")), "SKIPPED: mksquashfs is not installed");
        Path image = directory.resolve("image");
        Process process = new ProcessBuilder(
                        "mksquashfs",
                        tree.toString(),
                        image.toString(),
                        "-comp",
                        compressor,
                        "-o",
                        "" + OFFSET,
                        "-noappend",
                        "-no-progress",
                        "-processors",
                        "1")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
        assertThat(process.waitFor())
                .as(Files.readString(directory.resolve("log")))
                .isZero();
        return image;
    }
}
