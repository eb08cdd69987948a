package dev.dunnage.launcher.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dunnage.launcher.accounts.Accounts;
import dev.dunnage.launcher.audit.AuditRecord;
import dev.dunnage.launcher.audit.AuditTrail;
import dev.dunnage.launcher.fixture.SettableClock;
import dev.dunnage.launcher.fixture.TestSite;
import dev.dunnage.launcher.store.ImageStore;
import dev.dunnage.launcher.store.OpenImage;
import dev.dunnage.launcher.store.StoreException;
import dev.dunnage.launcher.store.StoreLimits;
import dev.dunnage.launcher.wire.Bind;
import dev.dunnage.launcher.wire.Code;
import dev.dunnage.launcher.wire.Driver;
import dev.dunnage.launcher.wire.EnvironmentVariable;
import dev.dunnage.launcher.wire.HomeChoice;
import dev.dunnage.launcher.wire.LaunchPlan;
import dev.dunnage.launcher.wire.LaunchRequest;
import dev.dunnage.launcher.wire.Refusal;
import dev.dunnage.launcher.wire.Reply;
import dev.dunnage.launcher.wire.ViewPart;
import dev.dunnage.policy.OwnershipRule;
import dev.dunnage.sif.Architecture;
import dev.dunnage.sif.DataType;
import dev.dunnage.sif.FileSystemKind;
import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.key.KeyKind;
import dev.dunnage.sif.key.PgpSecretKey;
import dev.dunnage.sif.key.SecretKeys;
import dev.dunnage.sif.sign.PgpSigner;
import dev.dunnage.sif.write.EditTime;
import dev.dunnage.sif.write.NewObject;
import dev.dunnage.sif.write.ObjectSource;
import dev.dunnage.sif.write.SifEditor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StepPlannerTest {
    /** Where the writer puts the partition of the small test image. */
    private static final int ROOT = 32768;

    @TempDir
    Path temporary;

    private final SettableClock clock = SettableClock.ahead();
    private final List<String> log = new ArrayList<>();
    private final AtomicLong bytesRead = new AtomicLong();
    private final List<AuditRecord> records = new ArrayList<>();
    private Recorder recorder = (settings, record) -> records.add(record);
    private TestSite site = new TestSite(Path.of("unset"));

    @BeforeEach
    void prepare() throws IOException {
        site = TestSite.in(temporary);
    }

    private StepPlanner planner() {
        SiteFiles files = new SiteFiles(site.paths(), OwnershipRule.any(), clock, SiteFiles.Life.LONG, log::add);
        return new StepPlanner(files, this::store, Accounts.none(), recorder, clock, log::add);
    }

    private ImageStore store() throws StoreException {
        return ImageStore.open(site.store(), StoreLimits.defaults(), clock);
    }

    private Reply plan(Path image, LaunchRequest request) throws IOException {
        try (FileChannel channel = FileChannel.open(image)) {
            ImageBytes counted = new ImageBytes() {
                @Override
                public long size() throws IOException {
                    return channel.size();
                }

                @Override
                public int read(ByteBuffer target, long position) throws IOException {
                    int count = channel.read(target, position);
                    bytesRead.addAndGet(count);
                    return count;
                }
            };
            return planner().plan(request, Identity.ofPlugin(request), new OpenImage(counted, image));
        }
    }

    private LaunchPlan planned(Path image) throws IOException {
        Reply reply = plan(image, TestSite.request(image));
        assertThat(reply).isInstanceOf(LaunchPlan.class);
        return (LaunchPlan) reply;
    }

    private void assertRefused(Path image, Code code, String... parts) throws IOException {
        assertRefused(plan(image, TestSite.request(image)), code, parts);
    }

    private static void assertRefused(Reply reply, Code code, String... parts) {
        assertThat(reply)
                .asInstanceOf(InstanceOfAssertFactories.type(Refusal.class))
                .satisfies(refusal -> {
                    assertThat(refusal.code()).isEqualTo(code);
                    assertThat(refusal.message()).contains(parts).doesNotContain("\n");
                });
    }

    private static PgpSecretKey trustedKey(TestSite site) throws Exception {
        PgpSecretKey key = TestSite.newKey("signer");
        site.trust(key);
        return key;
    }

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
    void aMissingPolicyRefusesEverything() throws Exception {
        assertRefused(site.image("a.sif"), Code.CONFIG, "policy.yaml", "system administrators");
        assertThat(log).anySatisfy(line -> assertThat(line).contains("does not exist"));
    }

    @Test
    void aBrokenPolicyIsToldWithFileLineAndKey() throws Exception {
        Files.writeString(site.root().resolve("policy.yaml"), "version: 1\nunknown-word: x\necl: {activated: true}\n");
        Reply reply = plan(site.image("a.sif"), TestSite.request(site.images().resolve("a.sif")));
        assertRefused(reply, Code.CONFIG, "policy.yaml:2:", "unknown-word", "dunnage policy lint");
        assertThat(log).anySatisfy(line -> assertThat(line).contains("unknown-word"));
    }

    @Test
    void aDamagedKeyFileRefusesEverythingSigned() throws Exception {
        PgpSecretKey key = trustedKey(site);
        site.policy("whitelist", key);
        Files.writeString(site.keys().resolve("zz.asc"), "not a key");
        assertRefused(site.image("a.sif", key), Code.CONFIG, "zz.asc");
    }

    @Test
    void aStoreThatCannotBeUsedIsASetUpFailure() throws Exception {
        PgpSecretKey key = trustedKey(site);
        site.policy("whitelist", key);
        Files.writeString(site.store(), "a file");
        assertRefused(TestSite.writableByOthers(site.image("a.sif", key)), Code.SETUP, "install -d");
    }

    @Test
    void ourOwnFaultsAreAnsweredToo() throws Exception {
        site.policy("open");
        Path image = site.image("a.sif");
        ImageBytes broken = new ImageBytes() {
            @Override
            public long size() {
                throw new IllegalStateException("a bug");
            }

            @Override
            public int read(ByteBuffer target, long position) {
                throw new IllegalStateException("a bug");
            }
        };
        Reply reply = planner()
                .plan(
                        TestSite.request(image),
                        Identity.ofPlugin(TestSite.request(image)),
                        new OpenImage(broken, image));
        assertRefused(reply, Code.INTERNAL, "a bug", "report it");
        assertThat(log).anySatisfy(line -> assertThat(line).contains("at dev.dunnage"));
    }

    @Test
    void whatIsReadBadlyIsTheImagesFault() throws Exception {
        site.policy("open");
        Path image = site.image("a.sif");
        ImageBytes failing = new ImageBytes() {
            @Override
            public long size() throws IOException {
                return Files.size(image);
            }

            @Override
            public int read(ByteBuffer target, long position) throws IOException {
                throw new IOException("Stale file handle");
            }
        };
        Reply reply = planner()
                .plan(
                        TestSite.request(image),
                        Identity.ofPlugin(TestSite.request(image)),
                        new OpenImage(failing, image));
        assertRefused(reply, Code.IMAGE_BAD, "Stale file handle");
    }

    @Test
    void devicesAndDirectoriesAreNoImages() throws Exception {
        site.policy("open");
        Path image = site.image("a.sif");
        try (FileChannel channel = FileChannel.open(image, StandardOpenOption.READ)) {
            OpenImage directory = new OpenImage(ImageBytes.of(channel), site.images());
            assertRefused(
                    planner().plan(TestSite.request(image), Identity.ofPlugin(TestSite.request(image)), directory),
                    Code.IMAGE_BAD,
                    "not a regular file");
        }
    }

    @Test
    void theInsideOfTheContainerIsAsAsked() throws Exception {
        site.policy("open");
        Files.writeString(
                site.root().resolve("dunnage.yaml"),
                "version: 1\nmount-home: false\nmounts: [/scratch, \"/sw:/sw:ro\"]\n");
        Path image = site.image("a.sif");
        LaunchRequest request = TestSite.request(
                image,
                List.of("/data:/d:ro,rel/x:/x", "/same"),
                Optional.of("/d"),
                HomeChoice.SITE_DEFAULT,
                Optional.of("pmix_v4"));
        LaunchPlan plan = (LaunchPlan) plan(image, request);
        assertThat(plan.binds())
                .containsExactly(
                        new Bind("/scratch", "/scratch", false, true),
                        new Bind("/sw", "/sw", true, true),
                        new Bind("/data", "/d", true, false),
                        new Bind("/home/ada/work/rel/x", "/x", false, false),
                        new Bind("/same", "/same", false, false));
        assertThat(plan.workdir()).isEqualTo("/d");
        EnumSet<ViewPart> allButHome = EnumSet.complementOf(EnumSet.of(ViewPart.HOME));
        assertThat(plan.view()).isEqualTo(allButHome);
        assertThat(plan.environmentScripts()).isTrue();
        assertThat(plan.environment())
                .contains(
                        new EnvironmentVariable("DUNNAGE_CONTAINER", image.toString()),
                        new EnvironmentVariable("DUNNAGE_NAME", "a.sif"),
                        new EnvironmentVariable("APPTAINER_CONTAINER", image.toString()),
                        new EnvironmentVariable("APPTAINER_NAME", "a.sif"),
                        new EnvironmentVariable("SINGULARITY_CONTAINER", image.toString()),
                        new EnvironmentVariable("SINGULARITY_NAME", "a.sif"));
    }

    @ParameterizedTest
    @CsvSource({"SITE_DEFAULT, true, true", "SITE_DEFAULT, false, false", "BIND, false, true", "LEAVE_OUT, true, false"
    })
    void theHomeDirectoryIsTheUsersChoiceThenTheSites(HomeChoice user, boolean siteDefault, boolean bound)
            throws Exception {
        site.policy("open");
        Files.writeString(site.root().resolve("dunnage.yaml"), "version: 1\nmount-home: " + siteDefault + "\n");
        Path image = site.image("a.sif");
        LaunchPlan plan = (LaunchPlan)
                plan(image, TestSite.request(image, List.of(), Optional.empty(), user, Optional.of("none")));
        assertThat(plan.view().contains(ViewPart.HOME)).isEqualTo(bound);
        assertThat(plan.view()).doesNotContain(ViewPart.PMIX).contains(ViewPart.SCRIPT);
        assertThat(plan.workdir()).isEqualTo("/home/ada/work");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/a:/b:/c:/d | more than three parts",
                "/a:b | relative target",
                "/a:/b:rx | ro or rw",
                "/a,,/b | empty mount",
                "~/a:/b | use $HOME",
                "../a:/b | '..'",
                "/a:/ | whole image"
            })
    void badMountsAreRefusedWithOptionAndValue(String mount, String cause) throws Exception {
        site.policy("open");
        Path image = site.image("a.sif");
        LaunchRequest request =
                TestSite.request(image, List.of(mount), Optional.empty(), HomeChoice.SITE_DEFAULT, Optional.empty());
        assertRefused(plan(image, request), Code.REQUEST, "--container-mounts", cause);
    }

    @Test
    void aRelativeWorkingDirectoryIsRefused() throws Exception {
        site.policy("open");
        Path image = site.image("a.sif");
        LaunchRequest request =
                TestSite.request(image, List.of(), Optional.of("x"), HomeChoice.SITE_DEFAULT, Optional.empty());
        assertRefused(plan(image, request), Code.REQUEST, "--container-workdir 'x'");
    }

    private void rules(String... lines) throws IOException {
        Files.writeString(site.root().resolve("policy.yaml"), "version: 1\nrules:\n" + String.join("\n", lines) + "\n");
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

    private static Identity who(Optional<String> user, long gid) {
        return new Identity(1000, Set.of(gid), user, Optional.empty(), Optional.empty(), true);
    }

    private Reply plan(Path image, Identity who) throws IOException {
        try (FileChannel channel = FileChannel.open(image)) {
            return planner().plan(TestSite.request(image), who, new OpenImage(ImageBytes.of(channel), image));
        }
    }

    private static String digest(Path image) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(image)));
    }

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
