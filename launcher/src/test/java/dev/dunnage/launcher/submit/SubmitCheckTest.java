package dev.dunnage.launcher.submit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dunnage.launcher.accounts.Accounts;
import dev.dunnage.launcher.fixture.TestSite;
import dev.dunnage.launcher.hints.LaunchHints;
import dev.dunnage.launcher.submit.SubmitCheck.MpiWords;
import dev.dunnage.launcher.submit.SubmitCheck.Outcome;
import dev.dunnage.policy.OwnershipRule;
import dev.dunnage.sif.Architecture;
import dev.dunnage.sif.DataType;
import dev.dunnage.sif.key.PgpSecretKey;
import dev.dunnage.sif.write.EditTime;
import dev.dunnage.sif.write.NewObject;
import dev.dunnage.sif.write.ObjectSource;
import dev.dunnage.sif.write.SifEditor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What users are told before their job queues. */
class SubmitCheckTest {
    private static final MpiWords NOTHING = new MpiWords(Optional.empty(), OptionalLong.empty());

    @TempDir
    Path temporary;

    private TestSite site = new TestSite(Path.of("unset"));

    @BeforeEach
    void prepare() throws Exception {
        site = TestSite.in(temporary);
        Files.writeString(site.root().resolve("dunnage.yaml"), "version: 1\n");
        site.policy("open");
    }

    private Outcome check(Path image, MpiWords mpi) throws Exception {
        return new SubmitCheck(site.paths(), OwnershipRule.any(), Accounts.none()).of(image, mpi);
    }

    private Optional<String> objection(Path image) throws Exception {
        return check(image, NOTHING).objection();
    }

    @Test
    void whatRunsIsSilent() throws Exception {
        assertThat(check(site.image("good.sif"), NOTHING)).isEqualTo(new Outcome(Optional.empty(), List.of()));
    }

    @Test
    void missingAndNoImage() throws Exception {
        assertThat(objection(site.images().resolve("none.sif")))
                .get()
                .asString()
                .contains("does not exist here");
        assertThat(objection(site.images())).get().asString().contains("not a regular file");
        Path text = Files.writeString(site.images().resolve("text.sif"), "text");
        assertThat(objection(text)).get().asString().contains("text.sif");
    }

    @Test
    void anotherArchitecture() throws Exception {
        Architecture other = Architecture.host() == Architecture.ARM64 ? Architecture.AMD64 : Architecture.ARM64;
        assertThat(objection(site.image("other.sif", other))).get().asString().contains(other.label());
    }

    @Test
    void refusedByPolicy() throws Exception {
        PgpSecretKey key = TestSite.newKey("ada");
        site.trust(key);
        site.policy("whitelist", key);
        assertThat(objection(site.image("unsigned.sif"))).get().asString().contains("production");
        assertThat(objection(site.image("signed.sif", key))).isEmpty();
    }

    /** The account of a job is Slurm's to tell. */
    @Test
    void silentWhereOnlyTheNodesKnow() throws Exception {
        Files.writeString(site.root().resolve("policy.yaml"), """
                version: 1
                rules:
                  - {name: project, match: {account: physics}, mode: open}
                """);
        assertThat(objection(site.image("app.sif"))).isEmpty();
        Files.delete(site.root().resolve("policy.yaml"));
        assertThat(objection(site.image("app2.sif"))).isEmpty();
    }

    private Path hinted(String json) throws Exception {
        Path image = site.image("hinted.sif");
        try (SifEditor editor = SifEditor.open(image)) {
            byte[] text = json.getBytes(StandardCharsets.UTF_8);
            editor.add(
                    NewObject.of(DataType.GENERIC_JSON, ObjectSource.of(text)).named(LaunchHints.OBJECT),
                    EditTime.none());
        }
        return image;
    }

    @Test
    void hintsObjectWhenItIsCertainAndAdviseElse() throws Exception {
        Path image = hinted("{\"version\": 1, \"mpi\": \"mpich\", \"pmi\": [\"pmi2\"]}");
        assertThat(check(image, new MpiWords(Optional.of("pmix"), OptionalLong.of(4)))
                        .objection())
                .get()
                .asString()
                .contains("needs pmi2", "use srun --mpi=pmi2");
        assertThat(check(image, new MpiWords(Optional.of("pmi2"), OptionalLong.of(4))))
                .isEqualTo(new Outcome(Optional.empty(), List.of()));
        assertThat(check(image, new MpiWords(Optional.of("pmix"), OptionalLong.of(1))))
                .isEqualTo(new Outcome(Optional.empty(), List.of()));
        assertThat(check(image, NOTHING).objection()).isEmpty();
        assertThat(check(image, NOTHING).advice()).singleElement().asString().contains("need srun --mpi=pmi2");
    }
}
