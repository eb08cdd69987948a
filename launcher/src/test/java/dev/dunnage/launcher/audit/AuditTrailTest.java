package dev.dunnage.launcher.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import dev.dunnage.launcher.fixture.SettableClock;
import dev.dunnage.policy.AuditSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditTrailTest {
    @TempDir
    Path temporary;

    private final SettableClock clock = new SettableClock(Instant.parse("2026-12-01T08:00:00Z"));
    private final List<String> log = new ArrayList<>();

    private AuditTrail trail() {
        return new AuditTrail(clock, log::add, temporary.resolve("socket"));
    }

    private AuditSettings settings(long size, int files) {
        return new AuditSettings(false, temporary.resolve("audit.jsonl"), size, files, false);
    }

    static AuditRecord record(String image, String reason) {
        return new AuditRecord(
                Instant.parse("2026-12-01T08:00:00Z"),
                "n1",
                Optional.of(new AuditRecord.Step(7, 0, 0)),
                1000,
                Optional.of("ada"),
                Optional.of("physics"),
                Optional.empty(),
                image,
                Optional.empty(),
                List.of(),
                "production",
                "/etc/dunnage/policy.yaml",
                5,
                "refuse",
                "policy",
                reason,
                "",
                Optional.empty());
    }

    @Test
    void aRecordIsOneLineWhateverUsersWrite() throws Exception {
        String forged = "/home/a\n{\"verdict\":\"allow\"}\r\u2028\u202e\u001b[2J\"\\.sif" + "x".repeat(4000);
        trail().write(settings(1 << 20, 2), record(forged, "no\nsignature"));
        List<String> lines = Files.readAllLines(temporary.resolve("audit.jsonl"));
        assertThat(lines).hasSize(1);
        assertThat(lines.get(0))
                .startsWith("{\"time\":\"2026-12-01T08:00:00Z\",\"node\":\"n1\",\"job\":7,")
                .endsWith("\"driver\":\"\",\"trouble\":null}")
                .matches("[ -~]*")
                .contains("\\n{\\\"verdict\\\":\\\"allow\\\"}\\r\\u2028\\u202E\\u001B", "x".repeat(4000));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(temporary.resolve("audit.jsonl"))))
                .isEqualTo("rw-r-----");
    }

    @Test
    void fullFilesArePutAway() throws Exception {
        AuditTrail trail = trail();
        for (int number = 0; number < 50; number++) {
            trail.write(settings(2000, 3), record("/image-" + number, "no"));
        }
        assertThat(temporary.toFile().list())
                .containsExactlyInAnyOrder("audit.jsonl", "audit.jsonl.1", "audit.jsonl.2", "audit.jsonl.lock");
        assertThat(Files.readString(temporary.resolve("audit.jsonl"))).contains("/image-49");
        assertThat(Files.size(temporary.resolve("audit.jsonl.1"))).isLessThanOrEqualTo(2000);
    }

    @Test
    void manyWritersLoseNothing() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        AuditTrail trail = trail();
        List<Callable<AuditRecord>> work = new ArrayList<>();
        for (int number = 0; number < 200; number++) {
            AuditRecord record = record("/image-" + number + ".", "no");
            work.add(() -> {
                trail.write(settings(8000, 100), record);
                return record;
            });
        }
        for (Future<AuditRecord> done : threads.invokeAll(work, 60, TimeUnit.SECONDS)) {
            done.get();
        }
        threads.shutdown();
        StringBuilder all = new StringBuilder();
        try (var files = Files.list(temporary)) {
            for (Path file : files.toList()) {
                all.append(Files.readString(file));
            }
        }
        assertThat(all.toString().lines().count()).isEqualTo(200);
        for (int number = 0; number < 200; number++) {
            assertThat(all).contains("/image-" + number + ".");
        }
    }

    @Test
    void aMissingDirectoryIsToldOnceAMinute() throws Exception {
        AuditTrail trail = trail();
        AuditSettings nowhere = new AuditSettings(false, temporary.resolve("absent/audit.jsonl"), 1 << 20, 2, false);
        for (int round = 0; round < 3; round++) {
            assertThatThrownBy(() -> trail.write(nowhere, record("/x", "no")))
                    .isInstanceOf(AuditException.class)
                    .hasMessageContaining("no such file or directory");
        }
        assertThat(log).hasSize(1).first().asString().contains("NOT FULLY RECORDED", "absent");
        assertThat(trail.trouble()).isPresent();
        clock.pass(Duration.ofMinutes(2));
        assertThatThrownBy(() -> trail.write(nowhere, record("/x", "no"))).isInstanceOf(AuditException.class);
        assertThat(log).hasSize(2);
        trail.write(settings(1 << 20, 2), record("/x", "no"));
        assertThat(trail.trouble()).isEmpty();
    }

    @Test
    void aFullDiskLeavesNoHalfLine() throws Exception {
        Assumptions.assumeTrue(Files.isWritable(Path.of("/dev/full")), "SKIPPED: no /dev/full");
        AuditSettings full = new AuditSettings(false, Path.of("/dev/full"), 1 << 20, 2, false);
        Assumptions.assumeTrue(Files.isWritable(Path.of("/dev")), "SKIPPED: the lock beside /dev/full needs root");
        try {
            assertThatThrownBy(() -> trail().write(full, record("/x", "no")))
                    .isInstanceOf(AuditException.class)
                    .hasMessageContaining("space");
        } finally {
            Files.deleteIfExists(Path.of("/dev/full.lock"));
        }
    }

    @Test
    void aLinkIsNotFollowed() throws Exception {
        Path victim = Files.writeString(temporary.resolve("victim"), "keep");
        Files.createSymbolicLink(temporary.resolve("audit.jsonl"), victim);
        assertThatThrownBy(() -> trail().write(settings(1 << 20, 2), record("/x", "no")))
                .isInstanceOf(AuditException.class);
        assertThat(victim).hasContent("keep");
    }

    @Test
    void theSystemsLogGetsEachRecord() throws Exception {
        int socket = Socket.listen(temporary.resolve("socket"));
        AuditSettings both = new AuditSettings(false, temporary.resolve("audit.jsonl"), 1 << 20, 2, true);
        trail().write(both, record("/home/x\nforged", "no"));
        assertThat(Socket.receive(socket))
                .matches("<84>[A-Z][a-z]{2} [ 0-9]{2} [0-9:]{8} dunnage\\[[0-9]+]: audit \\{.*}")
                .contains("\"image\":\"/home/x\\nforged\"")
                .doesNotContain("\n");
        trail().write(both, record("/" + "x".repeat(100_000), "no"));
        assertThat(Socket.receive(socket)).hasSizeLessThan(8192).endsWith("}");
    }

    @Test
    void aSilentSystemLogStopsNothing() throws Exception {
        AuditSettings both = new AuditSettings(true, temporary.resolve("audit.jsonl"), 1 << 20, 2, true);
        Files.writeString(temporary.resolve("socket"), "nobody listens here");
        trail().write(both, record("/x", "no"));
        assertThat(Files.readAllLines(temporary.resolve("audit.jsonl"))).hasSize(1);
        assertThat(log).hasSize(1).first().asString().contains("system's log");
    }

    /** The other end of a log. */
    private static final class Socket {
        static {
            Native.register("c");
        }

        private static native int socket(int domain, int type, int protocol);

        private static native int bind(int socket, Pointer address, int length);

        private static native long recv(int socket, Pointer bytes, long count, int flags);

        static int listen(Path path) {
            byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
            try (Memory address = new Memory(110)) {
                address.clear();
                address.setShort(0, (short) 1);
                address.write(2, name, 0, name.length);
                int socket = socket(1, 2, 0);
                assertThat(bind(socket, address, 110)).isZero();
                return socket;
            }
        }

        static String receive(int socket) throws IOException {
            try (Memory bytes = new Memory(1 << 16)) {
                long count = recv(socket, bytes, 1 << 16, 0x40);
                if (count < 0) {
                    throw new IOException("nothing came");
                }
                return new String(bytes.getByteArray(0, (int) count), StandardCharsets.US_ASCII);
            }
        }
    }
}
