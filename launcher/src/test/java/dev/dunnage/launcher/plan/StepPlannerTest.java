package dev.dunnage.launcher.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dunnage.launcher.fixture.TestSite;
import dev.dunnage.launcher.wire.Code;
import dev.dunnage.launcher.wire.Driver;
import dev.dunnage.launcher.wire.LaunchPlan;
import dev.dunnage.launcher.wire.Refusal;
import dev.dunnage.launcher.wire.Reply;
import dev.dunnage.sif.Architecture;
import dev.dunnage.sif.FileSystemKind;
import dev.dunnage.sif.key.KeyKind;
import dev.dunnage.sif.key.PgpSecretKey;
import dev.dunnage.sif.key.SecretKeys;
import dev.dunnage.sif.sign.PgpSigner;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Signatures decide, and what was decided about is what is mounted. */
class StepPlannerTest extends PlannerBed {
    /** Where the writer puts the partition of the small test image. */
    private static final int ROOT = 32768;

    @Test
    void anImageThatItsUserCouldChangeIsMountedFromACopy() throws Exception {
        PgpSecretKey key = trustedKey(site);
        site.policy("whitelist", key);
        Path image = TestSite.writableByOthers(site.image("a.sif", key));
        LaunchPlan plan = planned(image);
        assertThat(plan.driver()).isEqualTo(Driver.KERNEL);
        assertThat(plan.storeCopy()).isPresent();
        assertThat(site.store().resolve(plan.storeCopy().orElseThrow().hex() + ".sif"))
                .hasSameBinaryContentAs(image);
        assertThat(plan.decision())
                .contains("production", "policy.yaml:5", key.facts().fingerprint());
    }

    @Test
    void theSecondLaunchNeitherCopiesNorVerifies() throws Exception {
        PgpSecretKey key = trustedKey(site);
        site.policy("whitelist", key);
        Path image = TestSite.writableByOthers(site.image("a.sif", key));
        LaunchPlan first = planned(image);
        bytesRead.set(0);
        Files.writeString(site.keys().resolve("unrelated.txt"), "no key file");
        assertThat(planned(image)).isEqualTo(first);
        assertThat(bytesRead.get())
                .as("header, descriptors and superblock only")
                .isLessThan(40_000);
    }

    @Test
    void aVerdictDiesWithTheRingThatItCameFrom() throws Exception {
        PgpSecretKey key = trustedKey(site);
        site.policy("whitelist", key);
        Path image = TestSite.writableByOthers(site.image("a.sif", key));
        planned(image);
        Files.delete(site.keys().resolve(key.facts().fingerprint() + ".asc"));
        assertRefused(image, Code.POLICY, "not in the key ring");
    }

    @Test
    void anImageThatOnlyRootCanChangeIsMountedInPlace() throws Exception {
        PgpSecretKey key = trustedKey(site);
        site.policy("whitelist", key);
        Path image = site.image("a.sif", key);
        Assumptions.assumeTrue(
                Integer.valueOf(0).equals(Files.getAttribute(image, "unix:uid")), "files of root need root");
        LaunchPlan plan = planned(image);
        assertThat(plan.driver()).isEqualTo(Driver.KERNEL);
        assertThat(plan.storeCopy()).isEmpty();
        bytesRead.set(0);
        assertThat(planned(image)).isEqualTo(plan);
        assertThat(bytesRead.get()).isLessThan(40_000);
    }

    @Test
    void encryptedImagesAreNotForSteps() throws Exception {
        site.policy("open");
        Path image = TestSite.withFileSystem(site.image("a.sif"), FileSystemKind.GOCRYPTFS_SQUASHFS);
        assertRefused(image, Code.IMAGE_BAD, "Gocryptfs", "dunnage exec --passphrase");
    }

    @Test
    void anOpenRuleCopiesNothingAndTrustsNothing() throws Exception {
        site.policy("open");
        LaunchPlan plan = planned(TestSite.writableByOthers(site.image("a.sif")));
        assertThat(plan.driver()).isEqualTo(Driver.FUSE);
        assertThat(plan.storeCopy()).isEmpty();
        assertThat(site.store()).doesNotExist();
    }

    @Test
    void anUnsignedImageIsRefusedWithoutACopy() throws Exception {
        site.policy("whitelist", trustedKey(site));
        Files.writeString(site.root().resolve("dunnage.yaml"), "version: 1\ncontact: help@example.org\n");
        Path image = TestSite.writableByOthers(site.image("a.sif"));
        assertRefused(image, Code.POLICY, "a.sif", "not signed", "policy.yaml:5", "help@example.org");
        assertThat(site.store()).doesNotExist();
    }

    @Test
    void aForeignSignerIsRefused() throws Exception {
        site.policy("whitelist", trustedKey(site));
        PgpSecretKey foreign = TestSite.newKey("foreign");
        assertRefused(site.image("a.sif", foreign), Code.POLICY, foreign.facts().fingerprint(), "not in the key ring");
    }

    @Test
    void changedContentIsRefused() throws Exception {
        PgpSecretKey key = trustedKey(site);
        site.policy("whitelist", key);
        Path image = TestSite.writableByOthers(site.image("a.sif", key));
        planned(image);
        byte[] bytes = Files.readAllBytes(image);
        bytes[ROOT + 2000] ^= 1;
        Files.write(image, bytes);
        assertRefused(image, Code.POLICY, "not properly signed");
    }

    @Test
    void anExpiredKeyEndsTheVerdict() throws Exception {
        PgpSecretKey key = SecretKeys.generate(
                KeyKind.ED25519,
                "Short <short@example.org>",
                Instant.now().truncatedTo(ChronoUnit.SECONDS),
                Optional.of(Duration.ofHours(1)),
                new char[0]);
        site.trust(key);
        site.policy("whitelist", key);
        Path image = TestSite.writableByOthers(site.image("a.sif", key));
        planned(image);
        clock.pass(Duration.ofHours(2));
        assertRefused(image, Code.POLICY, "expired");
    }

    @Test
    void aPathThatNoGroupCoversIsRefusedBeforeAnythingIsRead() throws Exception {
        site.policy("open");
        Path image = Files.move(site.image("a.sif"), site.root().resolve("a.sif"));
        assertRefused(image, Code.POLICY, "no group covers " + site.root());
        assertThat(bytesRead).hasValue(0);
    }

    @Test
    void theRuleIsThatOfTheResolvedPath() throws Exception {
        site.policy("open");
        Path image = site.image("a.sif");
        assertRefused(plan(image, TestSite.request(Path.of("/elsewhere/a.sif"))), Code.POLICY, "/elsewhere");
    }

    @Test
    void imagesThatCannotRunHereAreBad() throws Exception {
        site.policy("open");
        Architecture other = Architecture.host() == Architecture.ARM64 ? Architecture.AMD64 : Architecture.ARM64;
        assertRefused(site.image("a.sif", other), Code.IMAGE_BAD, "a.sif", other.label(), "build the image");
        Path text = Files.writeString(site.images().resolve("b.sif"), "no image at all");
        assertRefused(text, Code.IMAGE_BAD, "b.sif", "not a SIF file");
    }

    @Test
    void aRootAtAnOddPlaceCannotBeMountedByTheKernel() throws Exception {
        PgpSecretKey key = trustedKey(site);
        site.policy("whitelist", key);
        Path image = shifted(site.image("a.sif"));
        PgpSigner.sign(image, key, new char[0], Instant.now(), OptionalLong.empty());
        assertRefused(image, Code.IMAGE_BAD, "no multiple of 512");
        site.policy("open");
        assertThat(planned(image).fsOffset()).isEqualTo(ROOT + 100);
    }

    /** Moves the partition, the last object, by a hundred bytes. */
    private static Path shifted(Path image) throws IOException {
        byte[] old = Files.readAllBytes(image);
        ByteBuffer bytes = ByteBuffer.allocate(old.length + 100).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(old, 0, ROOT).position(ROOT + 100);
        bytes.put(old, ROOT, old.length - ROOT);
        int descriptor = 4096 + 585;
        bytes.putLong(descriptor + 17, ROOT + 100).putLong(120, bytes.getLong(120) + 100);
        byte[] moved = new byte[bytes.capacity()];
        bytes.get(0, moved);
        return Files.write(image, moved);
    }

    @Test
    void aSecondSignatureByAnUnknownKeyIsPassedOver() throws Exception {
        PgpSecretKey key = trustedKey(site);
        PgpSecretKey foreign = TestSite.newKey("foreign");
        site.policy("whitelist", key);
        assertThat(planned(site.image("a.sif", key, foreign)).driver()).isEqualTo(Driver.KERNEL);
        site.policy("whitestrict", key, foreign);
        assertRefused(site.image("b.sif", key, foreign), Code.POLICY, "not every listed key");
        site.policy("blacklist", foreign);
        assertRefused(site.image("c.sif", key, foreign), Code.POLICY, "forbidden key");
    }

    @Test
    void aRefusalNamesOneRemedy() throws Exception {
        site.policy("whitelist", trustedKey(site));
        PgpSecretKey foreign = TestSite.newKey("foreign");
        Path image = site.image("a.sif", foreign);
        Reply reply = plan(image, TestSite.request(image));
        assertRefused(
                reply, Code.POLICY, foreign.facts().fingerprint(), "not in the key ring; ask the site to trust it");
        assertThat(((Refusal) reply).message()).doesNotContain("have it signed anew");
    }
}
