package dev.dunnage.launcher.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dunnage.sif.ImageBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a file system of two mebibytes. */
class FullDiskTest {
    @TempDir
    Path temporary;

    private Path root = Path.of("unset");
    private boolean mounted;

    @BeforeEach
    void mount() throws Exception {
        root = Files.createDirectory(temporary.resolve("store"));
        mounted = run("mount", "-t", "tmpfs", "-o", "size=2m,mode=0700", "tmpfs", root.toString());
        Assumptions.assumeTrue(mounted, "mounting a small tmpfs needs root");
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
    }

    @AfterEach
    void unmount() throws Exception {
        if (mounted) {
            assertThat(run("umount", root.toString())).isTrue();
        }
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
    }

    @Test
    void tooLittleSpaceIsSeenBeforeTheCopy() throws Exception {
        Path image = Files.write(temporary.resolve("image"), new byte[3 << 20]);
        assertFull(image, false);
    }

    @Test
    void spaceThatRunsOutDuringTheCopyLeavesNothingBehind() throws Exception {
        Path image = Files.write(temporary.resolve("image"), new byte[1536 << 10]);
        assertFull(image, true);
    }

    /** An image whose reading fills the disk by other means. */
    private void assertFull(Path image, boolean filling) throws Exception {
        ImageStore store = ImageStore.open(root, StoreLimits.defaults(), Clock.systemUTC());
        ImageBytes bytes = new ImageBytes() {
            @Override
            public long size() throws IOException {
                return Files.size(image);
            }

            @Override
            public int read(ByteBuffer target, long position) throws IOException {
                if (position == 0 && filling) {
                    Files.write(root.resolve("filler"), new byte[1 << 20]);
                }
                int count = target.remaining();
                target.position(target.limit());
                return count;
            }
        };
        OpenImage open = new OpenImage(bytes, image);
        assertThatThrownBy(() -> store.copyOf(open))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("is full")
                .hasMessageContaining("free space");
        try (Stream<Path> left = Files.list(root)) {
            assertThat(left.map(file -> file.getFileName().toString()))
                    .isSubsetOf("index", "locks", "verdicts", "filler");
        }
    }
}
