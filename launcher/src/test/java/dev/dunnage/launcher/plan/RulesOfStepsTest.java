package dev.dunnage.launcher.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dunnage.launcher.fixture.TestSite;
import dev.dunnage.launcher.store.OpenImage;
import dev.dunnage.launcher.wire.Code;
import dev.dunnage.launcher.wire.Driver;
import dev.dunnage.launcher.wire.LaunchPlan;
import dev.dunnage.launcher.wire.LaunchRequest;
import dev.dunnage.sif.DataType;
import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.key.PgpSecretKey;
import dev.dunnage.sif.write.EditTime;
import dev.dunnage.sif.write.NewObject;
import dev.dunnage.sif.write.ObjectSource;
import dev.dunnage.sif.write.SifEditor;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What rules look at, and that it is found out no closer than they do. */
class RulesOfStepsTest extends PlannerBed {
    @Test
    void aDeniedKeyIsFoundByWhatItsSignaturesClaim() throws Exception {
        PgpSecretKey left = TestSite.newKey("left");
        Files.writeString(
                site.root().resolve("policy.yaml"),
                "version: 1\ndeny-keys: [{key: " + left.facts().fingerprint()
                        + ", reason: has left}]\nrules: [{name: all, mode: open}]\n");
        Path image = TestSite.writableByOthers(site.image("a.sif", left));
        assertRefused(image, Code.POLICY, "denied key", "has left");
        assertThat(bytesRead.get()).as("no content").isLessThan(40_000);
        assertThat(site.store()).doesNotExist();
        assertThat(planned(TestSite.writableByOthers(site.image("b.sif"))).driver())
                .isEqualTo(Driver.FUSE);
    }

    @Test
    void anImageThatARuleKnowsByDigestIsMountedFromACopy() throws Exception {
        Path image = TestSite.writableByOthers(site.image("a.sif"));
        String digest = digest(image);
        rules(
                "  - {name: broken, match: {digest: \"sha256:" + digest + "\"}, deny: it loses data}",
                "  - {name: all, mode: open}");
        assertRefused(image, Code.POLICY, "it loses data", "policy.yaml:3");
        Path other = TestSite.writableByOthers(site.image("b.sif"));
        LaunchPlan plan = planned(other);
        assertThat(plan.driver()).isEqualTo(Driver.FUSE);
        assertThat(plan.storeCopy().orElseThrow().hex()).isEqualTo(digest(other));
    }

    @Test
    void nothingIsHashedForARuleThatDoesNotFitAnyway() throws Exception {
        rules(
                "  - {name: broken, match: {path: /elsewhere, digest: \"sha256:" + "0".repeat(64) + "\"}, deny: no}",
                "  - {name: all, mode: open}");
        assertThat(planned(TestSite.writableByOthers(site.image("a.sif"))).storeCopy())
                .isEmpty();
        assertThat(site.store()).doesNotExist();
    }

    @Test
    void labelsAreThoseOfTheCopy() throws Exception {
        rules("  - {name: physics, match: {labels: {org.example.team: physics}}, mode: open}");
        Path image = TestSite.writableByOthers(site.image("a.sif"));
        assertRefused(image, Code.POLICY, "no rule fits");
        byte[] json = "{\"data\":{\"attributes\":{\"labels\":{\"org.example.team\":\"physics\"}}}}"
                .getBytes(StandardCharsets.UTF_8);
        try (SifEditor editor = SifEditor.open(image)) {
            NewObject object = NewObject.of(DataType.GENERIC_JSON, ObjectSource.of(json));
            editor.add(object.named("inspect-metadata.json"), EditTime.now(Instant.now()));
        }
        assertThat(planned(image).storeCopy()).isPresent();
    }

    @Test
    void rulesLookAtWhoAsks() throws Exception {
        rules(
                "  - {name: closed, match: {user: mallory}, deny: closed}",
                "  - {name: group, match: {group: [4711]}, mode: open}",
                "  - {name: named, match: {group: [physics]}, mode: open}");
        Path image = site.image("a.sif");
        assertRefused(image, Code.POLICY, "the groups are not known here", "rule 'named'");
        assertThat(plan(image, who(Optional.of("ada"), 4711L))).isInstanceOf(LaunchPlan.class);
        assertRefused(plan(image, who(Optional.of("mallory"), 4711L)), Code.POLICY, "closed");
        assertRefused(plan(image, who(Optional.empty(), 4711L)), Code.POLICY, "the user is not known here");
    }

    @Test
    void accountAndPartitionAreNotKnownWithoutARecord() throws Exception {
        rules("  - {name: medicine, match: {account: medicine, partition: secure}, mode: open}");
        Path image = site.image("a.sif");
        assertRefused(image, Code.POLICY, "is not known here");
        Identity known =
                new Identity(1000, Set.of(), Optional.of("ada"), Optional.of("medicine"), Optional.of("secure"), true);
        assertThat(plan(image, known)).isInstanceOf(LaunchPlan.class);
        Identity other =
                new Identity(1000, Set.of(), Optional.of("ada"), Optional.of("other"), Optional.of("secure"), true);
        assertRefused(plan(image, other), Code.POLICY, "no rule fits");
    }

    @Test
    void aUserWhoAsksHimselfCannotSayWhereTheImageLies() throws Exception {
        site.policy("open");
        Path image = Files.move(site.image("a.sif"), site.root().resolve("a.sif"));
        Path descriptor = Files.createSymbolicLink(site.root().resolve("fd"), image);
        LaunchRequest request = TestSite.request(site.images().resolve("a.sif"));
        try (FileChannel channel = FileChannel.open(image)) {
            OpenImage open = new OpenImage(ImageBytes.of(channel), descriptor);
            Identity user = Identity.ofUser(1000, Set.of(1000L), Optional.of("ada"));
            assertRefused(planner().plan(request, user, open), Code.POLICY, "no group covers " + site.root());
        }
    }

    @Test
    void aRuleMayWantFuseForTrustedImages() throws Exception {
        PgpSecretKey key = trustedKey(site);
        rules(
                "  - name: slow",
                "    mode: whitelist",
                "    keys: [" + key.facts().fingerprint() + "]",
                "    grant: {driver: fuse}");
        LaunchPlan plan = planned(TestSite.writableByOthers(site.image("a.sif", key)));
        assertThat(plan.driver()).isEqualTo(Driver.FUSE);
        assertThat(plan.storeCopy()).isPresent();
    }
}
