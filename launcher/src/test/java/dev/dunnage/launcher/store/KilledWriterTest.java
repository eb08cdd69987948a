package dev.dunnage.launcher.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dunnage.sif.ImageBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several processes work in one store, and some of them die. */
class KilledWriterTest {
    @TempDir
    Path temporary;

    /** Copies an image that never ends: the process is killed in the middle. */
    static final class Writer {
        private Writer() {}

        public static void main(String[] args) throws Exception {
            Path image = Path.of(args[1]);
            ImageBytes slow = new ImageBytes() {
                @Override
                public long size() throws IOException {
                    return Files.size(image);
                }

                @Override
                public int read(ByteBuffer target, long position) {
                    if (position > 0) {
                        System.out.println("copying");
                        sleep();
                    }
                    int count = target.remaining();
                    target.position(target.limit());
                    return count;
                }
            };
            ImageStore.open(Path.of(args[0]), StoreLimits.defaults(), Clock.systemUTC())
                    .copyOf(new OpenImage(slow, image));
        }

        private static void sleep() {
            try {
                TimeUnit.MINUTES.sleep(5);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Test
    void whatAKilledProcessLeftIsRemovedAndALivingOneIsLeftAlone() throws Exception {
        Path root = temporary.resolve("store");
        Path image = Files.write(temporary.resolve("image"), new byte[3 << 20]);
        ImageStore store = ImageStore.open(root, StoreLimits.defaults(), Clock.systemUTC());
        Process writer = start(root, image);
        try {
            assertThat(writer.inputReader().readLine()).isEqualTo("copying");
            store.sweep();
            assertThat(unfinished(root)).as("the writer lives").hasSize(1);
        } finally {
            writer.destroyForcibly().waitFor();
        }
        assertThat(unfinished(root)).as("kill -9 leaves it").hasSize(1);
        store.sweep();
        assertThat(unfinished(root)).isEmpty();
        ImageBytes bytes = ImageBytes.of(java.nio.channels.FileChannel.open(image));
        assertThat(store.copyOf(new OpenImage(bytes, image)).file()).exists();
    }

    private static Process start(Path root, Path image) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Writer.class.getName(),
                        root.toString(),
                        image.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static List<Path> unfinished(Path root) throws IOException {
        try (Stream<Path> files = Files.list(root)) {
            return files.filter(file -> file.getFileName().toString().startsWith(".copy-"))
                    .toList();
        }
    }
}
