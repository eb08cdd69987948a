package dev.dunnage.launcher.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dunnage.launcher.fixture.TestSite;
import dev.dunnage.launcher.wire.Code;
import dev.dunnage.launcher.wire.Driver;
import dev.dunnage.launcher.wire.LaunchPlan;
import dev.dunnage.launcher.wire.Refusal;
import dev.dunnage.launcher.wire.Reply;
import dev.dunnage.sif.FileSystemKind;
import dev.dunnage.sif.key.PgpSecretKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

/** Plans for users who have no root to mount for them. */
class RootlessPlanTest extends PlannerBed {
    RootlessPlanTest() {
        life = SiteFiles.Life.SHORT;
    }

    private Reply plan(Path image) throws IOException {
        return plan(image, TestSite.rootlessRequest(image));
    }

    private void assertServedInPlace(Path image, String decision) throws IOException {
        assertThat(plan(image))
                .asInstanceOf(InstanceOfAssertFactories.type(LaunchPlan.class))
                .satisfies(plan -> {
                    assertThat(plan.driver()).isEqualTo(Driver.FUSE);
                    assertThat(plan.storeCopy()).isEmpty();
                    assertThat(plan.decision()).contains(decision);
                });
        assertThat(site.store().resolve("index"))
                .satisfiesAnyOf(
                        index -> assertThat(index).doesNotExist(),
                        index -> assertThat(index).isEmptyDirectory());
    }

    @Test
    void aSignedImageIsVerifiedAndServedWithoutACopy() throws Exception {
        PgpSecretKey key = TestSite.newKey("signer");
        site.trust(key);
        site.policy("whitelist", key);
        assertServedInPlace(site.image("a.sif", key), "production");
    }

    @Test
    void anUnsignedImageIsRefusedWhereTheSiteDemandsASignature() throws Exception {
        PgpSecretKey key = TestSite.newKey("signer");
        site.trust(key);
        site.policy("whitelist", key);
        assertThat(plan(site.image("a.sif")))
                .asInstanceOf(InstanceOfAssertFactories.type(Refusal.class))
                .satisfies(refusal -> assertThat(refusal.code()).isEqualTo(Code.POLICY));
    }

    @Test
    void aMachineWithoutPolicyRunsAnything() throws Exception {
        assertServedInPlace(site.image("a.sif"), "no policy");
    }

    @Test
    void anEncryptedImageIsForWhoCanOpenIt() throws Exception {
        Path image = TestSite.withFileSystem(site.image("a.sif"), FileSystemKind.GOCRYPTFS_SQUASHFS);
        assertThat(plan(image))
                .asInstanceOf(InstanceOfAssertFactories.type(LaunchPlan.class))
                .satisfies(plan -> assertThat(plan.driver()).isEqualTo(Driver.GOCRYPTFS));
        assertThat(plan(TestSite.withFileSystem(image, FileSystemKind.ENCRYPTED_SQUASHFS)))
                .asInstanceOf(InstanceOfAssertFactories.type(Refusal.class))
                .satisfies(refusal -> assertThat(refusal.message()).contains("LUKS"));
    }

    @Test
    void aBrokenPolicyIsNoMissingPolicy() throws Exception {
        Files.writeString(site.paths().policy(), "version: 7\n");
        assertThat(plan(site.image("a.sif")))
                .asInstanceOf(InstanceOfAssertFactories.type(Refusal.class))
                .satisfies(refusal -> assertThat(refusal.code()).isEqualTo(Code.CONFIG));
    }
}
