package dev.dunnage.launcher.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dunnage.launcher.fixture.SettableClock;
import dev.dunnage.launcher.wire.ContentDigest;
import dev.dunnage.policy.SignatureFacts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerdictCacheTest {
    private static final String A = "A".repeat(40);
    private static final String B = "B".repeat(40);
    private static final SignatureFacts GOOD = new SignatureFacts(Optional.empty(), Set.of(A), Set.of(A, B));
    private static final String SUBJECT = VerdictCache.subject(new ContentDigest("0".repeat(64)));

    @TempDir
    Path temporary;

    private final SettableClock clock = SettableClock.ahead();
    private VerdictCache verdicts = new VerdictCache(new StoreDirectory(Path.of("unset")), clock);

    @BeforeEach
    void open() throws StoreException {
        verdicts = ImageStore.open(temporary.resolve("store"), StoreLimits.defaults(), clock)
                .verdicts();
    }

    @Test
    void aVerdictIsKeptAsItWas() {
        SignatureFacts bad = new SignatureFacts(Optional.of("not signed"), Set.of(), Set.of());
        verdicts.put(SUBJECT, "ring", GOOD, clock.instant().plusSeconds(60));
        verdicts.put("other", "ring", bad, clock.instant().plusSeconds(60));
        assertThat(verdicts.find(SUBJECT, "ring")).contains(GOOD);
        assertThat(verdicts.find("other", "ring")).contains(bad);
    }

    @Test
    void itHoldsForItsRingAndItsTimeOnly() {
        verdicts.put(SUBJECT, "ring", GOOD, clock.instant().plusSeconds(60));
        assertThat(verdicts.find(SUBJECT, "other")).isEmpty();
        assertThat(verdicts.find("other", "ring")).isEmpty();
        clock.pass(Duration.ofSeconds(60));
        assertThat(verdicts.find(SUBJECT, "ring")).isEmpty();
    }

    @Test
    void aCutVerdictIsNoVerdict() throws Exception {
        verdicts.put(SUBJECT, "ring", GOOD, clock.instant().plusSeconds(60));
        Path file = temporary.resolve("store/verdicts").resolve(SUBJECT + ".ring");
        String whole = Files.readString(file);
        for (int length = 0; length < whole.length(); length++) {
            Files.writeString(file, whole.substring(0, length));
            assertThat(verdicts.find(SUBJECT, "ring"))
                    .as("first %d characters", length)
                    .isEmpty();
        }
    }

    @Test
    void aFileInPlaceHasASubjectOnlyIfUsersCannotChangeIt() throws Exception {
        Path file = Files.write(temporary.resolve("image"), new byte[10]);
        ImageFacts found = ImageFacts.of(file);
        ImageFacts roots = owned(found, 0, 0100644, "ext4");
        assertThat(verdicts.subject(roots)).isPresent();
        assertThat(verdicts.subject(owned(found, 1000, 0100644, "ext4"))).isEmpty();
        assertThat(verdicts.subject(owned(found, 0, 0100664, "ext4"))).isEmpty();
        assertThat(verdicts.subject(owned(found, 0, 0100644, "fuse.sshfs"))).isEmpty();
        assertThat(verdicts.subject(owned(found, 0, 0100644, ""))).isEmpty();
        assertThat(verdicts.subject(owned(found, 0, 0040755, "ext4"))).isEmpty();
    }

    private static ImageFacts owned(ImageFacts facts, int owner, int mode, String fileSystem) {
        return new ImageFacts(
                facts.device(),
                facts.inode(),
                facts.size(),
                owner,
                mode,
                facts.changed(),
                facts.modified(),
                fileSystem);
    }
}
