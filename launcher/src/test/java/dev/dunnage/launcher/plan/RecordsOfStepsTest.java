package dev.dunnage.launcher.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dunnage.launcher.audit.AuditRecord;
import dev.dunnage.launcher.audit.AuditTrail;
import dev.dunnage.launcher.fixture.TestSite;
import dev.dunnage.launcher.store.OpenImage;
import dev.dunnage.launcher.wire.Code;
import dev.dunnage.launcher.wire.LaunchRequest;
import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.key.PgpSecretKey;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Every decision is recorded, whoever asks. */
class RecordsOfStepsTest extends PlannerBed {
    @Test
    void everyDecisionIsRecorded() throws Exception {
        PgpSecretKey key = trustedKey(site);
        site.policy("whitelist", key);
        Path signed = TestSite.writableByOthers(site.image("a.sif", key));
        planned(signed);
        assertThat(records).hasSize(1).first().satisfies(record -> {
            assertThat(record.verdict()).isEqualTo("allow");
            assertThat(record.rule()).isEqualTo("production");
            assertThat(record.line()).isEqualTo(5);
            assertThat(record.signers()).containsExactly(key.facts().fingerprint());
            assertThat(record.digest()).contains(digest(signed));
            assertThat(record.driver()).isEqualTo("kernel");
            assertThat(record.step()).contains(new AuditRecord.Step(4711, 0, 0));
            assertThat(record.node()).isEqualTo("n1");
            assertThat(record.image()).isEqualTo(signed.toString());
        });
        plan(
                site.image("b.sif"),
                new Identity(0, Set.of(0L), Optional.of("root"), Optional.of(""), Optional.of("p"), true));
        assertThat(records).hasSize(2).last().satisfies(record -> {
            assertThat(record.verdict()).isEqualTo("refuse");
            assertThat(record.code()).isEqualTo("policy");
            assertThat(record.reason()).contains("not signed");
            assertThat(record.uid()).as("root's own").isZero();
            assertThat(record.partition()).contains("p");
        });
        Files.writeString(site.root().resolve("policy.yaml"), "version: 3\n");
        assertRefused(signed, Code.CONFIG, "policy.yaml:1");
        assertThat(records).hasSize(3).last().satisfies(record -> {
            assertThat(record.rule()).isEmpty();
            assertThat(record.code()).isEqualTo("config");
        });
    }

    @Test
    void whatAUserSaysAboutItselfIsNotRecorded() throws Exception {
        site.policy("open");
        Path image = site.image("a.sif");
        Path descriptor = Files.createSymbolicLink(site.root().resolve("fd"), image);
        LaunchRequest forged = TestSite.request(Path.of("/sw/other.sif"));
        try (FileChannel channel = FileChannel.open(image)) {
            Identity user = Identity.ofUser(1000, Set.of(1000L), Optional.of("ada"));
            planner().plan(forged, user, new OpenImage(ImageBytes.of(channel), descriptor));
        }
        assertThat(records).hasSize(1).first().satisfies(record -> {
            assertThat(record.step()).isEmpty();
            assertThat(record.image()).isEqualTo(image.toString());
            assertThat(record.node()).isNotEqualTo("n1");
        });
    }

    @Test
    void whereRecordsAreRequiredNothingRunsWithoutOne() throws Exception {
        site.policy("open");
        Path image = site.image("a.sif");
        Path absent = site.root().resolve("absent/audit.jsonl");
        recorder = new AuditTrail(clock, log::add)::write;
        Files.writeString(
                site.root().resolve("dunnage.yaml"),
                "version: 1\naudit: required\naudit-syslog: false\naudit-file: " + absent + "\n");
        assertRefused(image, Code.SETUP, "cannot be recorded", absent.toString(), "this site demands that");
        Files.writeString(
                site.root().resolve("dunnage.yaml"), "version: 1\naudit-syslog: false\naudit-file: " + absent + "\n");
        planned(image);
        assertThat(log).anySatisfy(line -> assertThat(line).contains("NOT FULLY RECORDED"));
    }
}
