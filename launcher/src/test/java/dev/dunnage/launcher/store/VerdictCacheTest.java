package dev.dunnage.launcher.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dunnage.launcher.fixture.SettableClock;
import dev.dunnage.launcher.wire.ContentDigest;
import dev.dunnage.policy.SignatureFacts;
import dev.dunnage.policy.SignatureForm;
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
        assertThat(verdicts.find(SUBJECT, "ring", SignatureForm.MODERN)).contains(GOOD);
        assertThat(verdicts.find("other", "ring", SignatureForm.MODERN)).contains(bad);
    }

    @Test
    void itHoldsForItsRingAndItsTimeOnly() {
        verdicts.put(SUBJECT, "ring", GOOD, clock.instant().plusSeconds(60));
        assertThat(verdicts.find(SUBJECT, "other", SignatureForm.MODERN)).isEmpty();
        assertThat(verdicts.find("other", "ring", SignatureForm.MODERN)).isEmpty();
        assertThat(verdicts.find(SUBJECT, "ring", SignatureForm.LEGACY)).isEmpty();
        clock.pass(Duration.ofSeconds(60));
        assertThat(verdicts.find(SUBJECT, "ring", SignatureForm.MODERN)).isEmpty();
    }

    @Test
    void aCutVerdictIsNoVerdict() throws Exception {
        verdicts.put(SUBJECT, "ring", GOOD, clock.instant().plusSeconds(60));
        Path file = temporary.resolve("store/verdicts").resolve(SUBJECT + ".ring.modern");
        String whole = Files.readString(file);
        for (int length = 0; length < whole.length(); length++) {
            Files.writeString(file, whole.substring(0, length));
            assertThat(freshly().find(SUBJECT, "ring", SignatureForm.MODERN))
                    .as("first %d characters", length)
                    .isEmpty();
        }
    }

    @Test
    void anotherProcessFindsIt() throws Exception {
        SignatureFacts facts =
                new SignatureFacts(Optional.of("no"), Set.of(), Set.of(A), SignatureForm.LEGACY, Set.of(B));
        verdicts.put(SUBJECT, "ring", facts, clock.instant().plusSeconds(60));
        assertThat(freshly().find(SUBJECT, "ring", SignatureForm.LEGACY)).contains(facts);
        verdicts.putDigest("file-1", new ContentDigest("1".repeat(64)));
        assertThat(freshly().digest("file-1")).contains(new ContentDigest("1".repeat(64)));
        assertThat(freshly().digest("file-2")).isEmpty();
    }

    private VerdictCache freshly() throws StoreException {
        return ImageStore.open(temporary.resolve("store"), StoreLimits.defaults(), clock)
                .verdicts();
    }

    @Test
    void aFileInPlaceHasASubjectOnlyIfUsersCannotChangeIt() throws Exception {
        Path file = Files.write(temporary.resolve("image"), new byte[10]);
        ImageFacts found = ImageFacts.of(file);
        ImageFacts roots = owned(found, 0, 0100644, "ext4");
        assertThat(roots.contentName(clock.instant())).isPresent();
        assertThat(owned(found, 1000, 0100644, "ext4").contentName(clock.instant()))
                .isEmpty();
        assertThat(owned(found, 0, 0100664, "ext4").contentName(clock.instant()))
                .isEmpty();
        assertThat(owned(found, 0, 0100644, "fuse.sshfs").contentName(clock.instant()))
                .isEmpty();
        assertThat(owned(found, 0, 0100644, "").contentName(clock.instant())).isEmpty();
        assertThat(owned(found, 0, 0040755, "ext4").contentName(clock.instant()))
                .isEmpty();
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
