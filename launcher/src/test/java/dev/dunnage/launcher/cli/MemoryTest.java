package dev.dunnage.launcher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dunnage.sif.SifLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images are never read into memory: 64 MiB are enough for one beyond 2 GiB. */
class MemoryTest {
    private static final long SIZE = 2200L << 20;
    private static final int LAST_SLOT_SIZE = 25;
    private static final int PATIENCE_S = 300;

    @TempDir
    Path directory;

    @Test
    void listsSignsAndVerifiesALargeImage() throws Exception {
        Path small = Files.writeString(directory.resolve("small"), "x");
        Path image = directory.resolve("large.sif");
        assertThat(Command.run("sif", "new", image).status()).isZero();
        assertThat(Command.run("sif", "add", "--type", "generic", image, small).status())
                .isZero();
        grow(image);
        Path key = directory.resolve("key.sec");
        dunnage("key", "newpair", "--name", "M", "--email", "m@example.org", "--no-passphrase", "--output", key);
        assertThat(dunnage("sif", "list", "--json", image)).contains("\"size\":" + SIZE);
        dunnage("sign", "--key", key, image);
        assertThat(dunnage("verify", "--json", "--keyring", key + ".pub", image))
                .contains("\"result\":\"accept\"");
    }

    /** Its one object becomes a hole of that size. */
    private static void grow(Path image) throws Exception {
        try (FileChannel file = FileChannel.open(image, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer table = ByteBuffer.allocate(SifLayout.HEADER_SIZE).order(ByteOrder.LITTLE_ENDIAN);
            file.read(table, 0);
            long descriptor = table.getLong(96);
            ByteBuffer size = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            file.write(size.putLong(SIZE).flip(), descriptor + LAST_SLOT_SIZE);
            ByteBuffer offset = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            file.read(offset, descriptor + LAST_SLOT_SIZE - Long.BYTES);
            file.write(ByteBuffer.allocate(1), offset.getLong(0) + SIZE - 1);
        }
    }

    private String dunnage(Object... arguments) throws Exception {
        List<String> words = new ArrayList<>(List.of(
                System.getProperty("java.home") + "/bin/java",
                "-Xmx64m",
                "-XX:MaxDirectMemorySize=64m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        for (Object argument : arguments) {
            words.add(argument.toString());
        }
        Path out = directory.resolve("out");
        Process process = new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        assertThat(process.waitFor(PATIENCE_S, TimeUnit.SECONDS)).isTrue();
        String said = Files.readString(out);
        assertThat(process.exitValue()).as(said).isZero();
        return said;
    }
}
