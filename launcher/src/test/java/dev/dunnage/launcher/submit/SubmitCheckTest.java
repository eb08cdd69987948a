package dev.dunnage.launcher.submit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.dunnage.launcher.accounts.Accounts;
import dev.dunnage.launcher.fixture.TestSite;
import dev.dunnage.launcher.hints.LaunchHints;
import dev.dunnage.launcher.store.ImageStore;
import dev.dunnage.launcher.store.StoreLimits;
import dev.dunnage.launcher.submit.SubmitCheck.Outcome;
import dev.dunnage.policy.OwnershipRule;
import dev.dunnage.sif.Architecture;
import dev.dunnage.sif.DataType;
import dev.dunnage.sif.FileSystemKind;
import dev.dunnage.sif.key.PgpSecretKey;
import dev.dunnage.sif.write.EditTime;
import dev.dunnage.sif.write.NewObject;
import dev.dunnage.sif.write.ObjectSource;
import dev.dunnage.sif.write.ObjectSpec;
import dev.dunnage.sif.write.SifEditor;
import dev.dunnage.sif.write.SifWriter;
import dev.dunnage.sif.write.WriteOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What users are told before their job queues. */
class SubmitCheckTest {
    private static final Submission NOTHING = Submission.UNKNOWN;
    private static final Outcome SILENCE = new Outcome(Optional.empty(), List.of());
    private static final Path MPICH = Path.of("/usr/lib/x86_64-linux-gnu/libmpich.so.12");

    @TempDir
    Path temporary;

    private TestSite site = new TestSite(Path.of("unset"));

    @BeforeEach
    void prepare() throws Exception {
        site = TestSite.in(temporary);
        Files.writeString(site.root().resolve("dunnage.yaml"), "version: 1\n");
        site.policy("open");
    }

    private static Submission step(String mpi, long tasks) {
        return new Submission(Optional.of(mpi), OptionalLong.of(tasks), Optional.empty(), false, Optional.empty());
    }

    private static Submission step(String mpi, String containerMpi) {
        return new Submission(
                Optional.of(mpi), OptionalLong.empty(), Optional.of(containerMpi), false, Optional.empty());
    }

    private static Submission memory(String mem) {
        return new Submission(Optional.empty(), OptionalLong.empty(), Optional.empty(), false, Optional.of(mem));
    }

    private Outcome check(Path image, Submission submission) throws Exception {
        Clock later = Clock.offset(Clock.systemUTC(), Duration.ofMinutes(1)); // files have come to rest
        return new SubmitCheck(
                        site.paths(),
                        OwnershipRule.any(),
                        Accounts.none(),
                        () -> ImageStore.ofUser(temporary, StoreLimits.defaults(), later),
                        later)
                .of(image, submission);
    }

    private Optional<String> objection(Path image) throws Exception {
        return check(image, NOTHING).objection();
    }

    @Test
    void whatRunsIsSilent() throws Exception {
        assertThat(check(site.image("good.sif"), NOTHING)).isEqualTo(SILENCE);
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
        return hinted(site.image("hinted.sif"), json);
    }

    private static Path hinted(Path image, String json) throws Exception {
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
        assertThat(check(image, step("pmix", 4)).objection())
                .get()
                .asString()
                .contains("needs pmi2", "use srun --mpi=pmi2");
        assertThat(check(image, step("pmi2", 4))).isEqualTo(SILENCE);
        assertThat(check(image, step("pmix", 1))).isEqualTo(SILENCE);
        assertThat(check(image, NOTHING).objection()).isEmpty();
        assertThat(check(image, NOTHING).advice()).singleElement().asString().contains("need srun --mpi=pmi2");
    }

    @Test
    void nobodyLooksAtPmiWhereEachTaskIsAlone() throws Exception {
        Path image = hinted("{\"version\": 1, \"pmi\": [\"pmi2\"]}");
        assertThat(check(image, step("pmix", "none"))).isEqualTo(SILENCE);
        assertThat(check(image, step("pmix", "hybrid")).advice()).hasSize(1);
        Files.writeString(site.root().resolve("dunnage.yaml"), "version: 1\nmpi-mode: none\n");
        assertThat(check(image, step("pmix", 4))).isEqualTo(SILENCE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nvidia", "amd"})
    void aGpuThatNobodyAskedFor(String maker) throws Exception {
        Path image = hinted("{\"version\": 1, \"gpu\": \"" + maker + "\"}");
        Submission without =
                new Submission(Optional.empty(), OptionalLong.empty(), Optional.empty(), true, Optional.empty());
        Outcome outcome = check(image, without);
        assertThat(outcome.objection()).isEmpty();
        assertThat(outcome.advice())
                .containsExactly("image " + image + " needs a GPU of " + maker
                        + " by its launch hints, and the job asks for none; give --gres=gpu:1 or --gpus=1, unless the"
                        + " partition gives one");
        assertThat(check(image, NOTHING)).isEqualTo(SILENCE);
        assertThat(check(site.image("plain.sif"), without)).isEqualTo(SILENCE);
    }

    /** Units as Slurm's; 4 GiB are needed. */
    @ParameterizedTest
    @CsvSource({
        "4095, 4095 MiB",
        "100, 100 MiB",
        "100M, 100 MiB",
        "100m, 100 MiB",
        "3G, 3072 MiB",
        "3GB, 3072 MiB",
        "2048K, 2 MiB",
        "4096,",
        "4G,",
        "1T,",
        "0,",
        "0G,",
        "4194304K,",
        "much,",
        "4X,",
        "-1,",
        "9999999999999,",
        "999999999999T,"
    })
    void tooLittleMemory(String asked, @Nullable String told) throws Exception {
        Path image = hinted("{\"version\": 1, \"memory\": \"4GiB\"}");
        Outcome outcome = check(image, memory(asked));
        assertThat(outcome.objection()).isEmpty();
        assertThat(outcome.advice())
                .isEqualTo(
                        told == null
                                ? List.of()
                                : List.of("image " + image + " needs 4096 MiB of memory on a node by its launch hints,"
                                        + " and the job asks for " + told + "; give --mem=4096M"));
    }

    @Test
    void memoryThatNobodyAskedFor() throws Exception {
        assertThat(check(hinted("{\"version\": 1, \"memory\": \"4GiB\"}"), NOTHING))
                .isEqualTo(SILENCE);
    }

    @Test
    void allIsToldAtOnce() throws Exception {
        Path image = hinted("{\"version\": 1, \"pmi\": [\"pmi2\"], \"gpu\": \"amd\", \"memory\": \"1MiB\"}");
        Outcome outcome = check(
                image,
                new Submission(Optional.of("pmix"), OptionalLong.of(2), Optional.empty(), true, Optional.of("1K")));
        assertThat(outcome.objection()).isPresent();
        assertThat(outcome.advice()).hasSize(2);
    }

    /** An image whose only MPI is this machine's MPICH, with these hints. */
    private Path mpich(String hints) throws Exception {
        Path mksquashfs = Path.of("/usr/bin/mksquashfs");
        assumeTrue(Files.isExecutable(mksquashfs), "SKIPPED: mksquashfs is not installed");
        assumeTrue(Files.exists(MPICH), "SKIPPED: this machine has no " + MPICH);
        Path library =
                Files.createDirectories(temporary.resolve("tree/usr/lib")).resolve("libmpich.so.12");
        Files.copy(MPICH.toRealPath(), library);
        Path root = temporary.resolve("tree.squashfs");
        Process process = new ProcessBuilder(
                        mksquashfs.toString(), temporary.resolve("tree").toString(), root.toString(), "-noI", "-noD")
                .redirectErrorStream(true)
                .redirectOutput(temporary.resolve("mksquashfs.log").toFile())
                .start();
        assertThat(process.waitFor()).isZero();
        Path image = site.images().resolve("mpich.sif");
        SifWriter.create(
                image,
                WriteOptions.at(Instant.now(), new UUID(1, 2)),
                List.of(new ObjectSpec.PrimaryPartition(root, Architecture.host())));
        return hints.isEmpty() ? image : hinted(image, hints);
    }

    @Test
    void anMpiOfTheImageThatDoesNotSpeakWhatSlurmOffers() throws Exception {
        Path image = mpich("");
        Outcome outcome = check(image, step("pmix_v4", 2));
        assertThat(outcome.objection()).isEmpty();
        assertThat(outcome.advice())
                .singleElement()
                .asString()
                .startsWith("image " + image + ": the MPI of the image cannot find its ranks through --mpi=pmix: MPICH")
                .endsWith("; use srun --mpi=pmi2");
        assertThat(check(image, step("pmix", "require:hybrid")).advice()).hasSize(1);
        for (Submission silent : List.of(
                step("pmi2", 2),
                step("pmix", 1),
                step("none", 2),
                step("else", 2),
                step("pmix", "none"),
                step("pmix", "bind"),
                step("pmix", "require:bind"),
                step("pmix", "fabric"),
                NOTHING)) {
            assertThat(check(image, silent)).as(silent.toString()).isEqualTo(SILENCE);
        }
        String profile =
                "mpi:\n  installations:\n    - {family: openmpi, version: 4.1.4, library: /usr/lib/libmpi.so.40}\n";
        Files.writeString(site.root().resolve("dunnage.yaml"), "version: 1\n" + profile);
        assertThat(check(image, step("pmix", 2))).isEqualTo(SILENCE); // the nodes' takes its place
        assertThat(check(image, step("pmix", "hybrid")).advice()).hasSize(1);
        Files.writeString(site.root().resolve("dunnage.yaml"), "version: 1\nmpi-mode: bind\n");
        assertThat(check(image, step("pmix", 2))).isEqualTo(SILENCE);
    }

    @Test
    void anImageIsLookedIntoOnce() throws Exception {
        Path image = mpich("");
        assertThat(check(image, step("pmix", 2)).advice()).hasSize(1);
        Path note;
        try (Stream<Path> notes = Files.list(temporary.resolve(".dunnage/cache/verdicts"))) {
            note = notes.filter(file -> file.toString().endsWith(".mpi"))
                    .findFirst()
                    .orElseThrow();
        }
        String found = Files.readString(note);

        Files.writeString(note, found.replace("pmi", "x").replace("x1,x2", "pmix"));
        assertThat(check(image, step("pmix", 2))).isEqualTo(SILENCE);
        Files.writeString(note, "of another release");
        assertThat(check(image, step("pmix", 2)).advice()).hasSize(1);
        assertThat(note).hasContent(found);
        // a cache that cannot be used costs time and nothing else
        Files.setPosixFilePermissions(
                temporary.resolve(".dunnage/cache"), PosixFilePermissions.fromString("rwxrwx---"));
        assertThat(check(image, step("pmix", 2)).advice()).hasSize(1);
    }

    /** Who made the image knows better. */
    @Test
    void hintsOfMpiGoBeforeItsLibraries() throws Exception {
        assertThat(check(mpich("{\"version\": 1, \"pmi\": [\"pmix\"]}"), step("pmix", 2)))
                .isEqualTo(SILENCE);
    }

    @Test
    void aRootThatCannotBeLookedIntoIsSilent() throws Exception {
        assertThat(check(site.image("empty.sif"), step("pmix", 2))).isEqualTo(SILENCE);
        assertThat(check(
                                TestSite.withFileSystem(site.image("ext.sif"), FileSystemKind.ENCRYPTED_SQUASHFS),
                                step("pmix", 2))
                        .advice())
                .isEmpty();
    }
}
