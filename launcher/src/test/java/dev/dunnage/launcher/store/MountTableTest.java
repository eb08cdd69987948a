package dev.dunnage.launcher.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class MountTableTest {
    private static final String TABLE = """
            22 28 0:20 / /sys rw,nosuid shared:7 - sysfs sysfs rw
            28 1 254:1 / / rw,relatime shared:1 master:3 - ext4 /dev/vda1 rw
            40 28 0:300 / /work rw - fuse.sshfs host:/ rw
            short line
            """;

    @Test
    void theTypeStandsBehindTheSeparator() {
        assertThat(MountTable.typeOf(device(254, 1), TABLE)).contains("ext4");
        assertThat(MountTable.typeOf(device(0, 20), TABLE)).contains("sysfs");
        assertThat(MountTable.typeOf(device(0, 300), TABLE)).contains("fuse.sshfs");
        assertThat(MountTable.typeOf(device(9, 9), TABLE)).isEmpty();
    }

    @Test
    void theKernelsOwnTableIsUnderstood() throws Exception {
        long device = (Long) Files.getAttribute(Path.of("/proc/self/status"), "unix:dev");
        assertThat(MountTable.typeOf(device)).contains("proc");
    }

    /** As the C library packs it. */
    private static long device(long major, long minor) {
        return (minor & 0xff) | (major & 0xfff) << 8 | (minor & ~0xffL) << 12 | (major & ~0xfffL) << 32;
    }
}
