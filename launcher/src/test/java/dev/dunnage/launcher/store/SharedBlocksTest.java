package dev.dunnage.launcher.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dunnage.launcher.fixture.SettableClock;
import dev.dunnage.sif.ImageBytes;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a file system whose files can share their blocks. */
class SharedBlocksTest {
    private static final int SIZE = 24 << 20;

    @TempDir
    Path temporary;

    private final SettableClock clock = SettableClock.ahead();
    private Path disk = Path.of("unset");
    private boolean mounted;

    @BeforeEach
    void mount() throws Exception {
        Path device = temporary.resolve("device");
        try (FileChannel file = FileChannel.open(device, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            file.truncate(0);
            file.write(java.nio.ByteBuffer.allocate(1), (160L << 20) - 1);
        }
        disk = Files.createDirectory(temporary.resolve("disk"));
        mounted = run("mkfs.btrfs", "-q", "--mixed", device.toString())
                && run("mount", "-o", "loop", device.toString(), disk.toString());
        Assumptions.assumeTrue(mounted, "a btrfs needs root, btrfs-progs, a loop device and the kernel's driver");
    }

    @AfterEach
    void unmount() throws Exception {
        if (mounted) {
            assertThat(run("umount", disk.toString())).isTrue();
        }
    }

    private boolean run(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(temporary.resolve("log").toFile())
                    .start();
            return process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void aCopyTakesNoRoomAndIsNotChangedWithTheFile() throws Exception {
        byte[] content = new byte[SIZE];
        new Random(1).nextBytes(content);
        Path image = Files.write(disk.resolve("image"), content);
        Path twin = Files.write(temporary.resolve("twin"), content);
        assertThat(run("sync", "-f", disk.toString())).isTrue();
        long before = Files.getFileStore(disk).getUsableSpace();
        // What is left would not take many copies.
        ImageStore store = ImageStore.open(disk.resolve("store"), StoreLimits.defaults(), clock);
        try (FileChannel channel = FileChannel.open(image)) {
            StoredImage copy = store.copyOf(OpenImage.ofDescriptor(ImageBytes.of(channel), descriptor(image)));
            assertThat(run("sync", "-f", disk.toString())).isTrue();
            assertThat(before - Files.getFileStore(disk).getUsableSpace()).isLessThan(SIZE / 4);
            Files.write(image, new byte[SIZE], StandardOpenOption.WRITE);
            assertThat(copy.file()).hasSameBinaryContentAs(twin);
            assertThat(copy.digest()).isEqualTo(ContentHash.of(ImageBytes.of(FileChannel.open(twin)), SIZE));
        }
    }

    @Test
    void anImageOfAnotherFileSystemIsCopied() throws Exception {
        byte[] content = new byte[3_000_001];
        new Random(2).nextBytes(content);
        Path image = Files.write(temporary.resolve("image"), content);
        ImageStore store = ImageStore.open(disk.resolve("store"), StoreLimits.defaults(), clock);
        try (FileChannel channel = FileChannel.open(image)) {
            StoredImage copy = store.copyOf(OpenImage.ofDescriptor(ImageBytes.of(channel), descriptor(image)));
            assertThat(copy.file()).hasSameBinaryContentAs(image);
        }
    }

    private static int descriptor(Path open) throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            for (Path each : descriptors.toList()) {
                if (Files.isSymbolicLink(each) && Files.readSymbolicLink(each).equals(open.toRealPath())) {
                    return Integer.parseInt(each.getFileName().toString());
                }
            }
        }
        throw new IOException(open + " is not open");
    }
}
