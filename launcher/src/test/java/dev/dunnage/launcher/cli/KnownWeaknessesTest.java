package dev.dunnage.launcher.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dunnage.launcher.fixture.TestSite;
import dev.dunnage.policy.OwnershipRule;
import dev.dunnage.policy.PolicyLoader;
import dev.dunnage.policy.SiteFileException;
import dev.dunnage.sif.key.PgpSecretKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Weaknesses of other execution control lists, each with the tests that show it closed here. */
class KnownWeaknessesTest {
    private static final Path CORPUS =
            Path.of(System.getProperty("dunnage.corpus", "absent")).resolve("sif");

    @TempDir
    Path temporary;

    private TestSite site = new TestSite(Path.of("unset"));

    @BeforeEach
    void prepare() throws Exception {
        site = TestSite.in(temporary);
    }

    /** The list; that a test exists is checked, what it shows it says itself. */
    @ParameterizedTest(name = "{0}: {1} {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "a missing or broken file switches the policy off | plan.SiteTroubleTest | aMissingPolicyRefusesEverything",
                "a missing or broken file switches the policy off | plan.SiteFilesTest | whatWasNeverSoundIsRefused",
                "a missing or broken file switches the policy off | cli.EclCorpusTest | decidesAsRequired",
                "a file of anybody's is read | cli.KnownWeaknessesTest | whatOthersCouldWriteCountsForNothing",
                "a typo leaves an empty list, which allows | cli.EclCorpusTest | decidesAsRequired",
                "a blacklist wants no trusted signer | cli.EclCorpusTest | combinations",
                "directories and bare file systems are not checked | cli.EclCorpusTest | decidesAsRequired",
                "binds replace programs of a whitelisted image | plan.GrantsOfStepsTest | nothingCoversTheProgramsOfAStrictImage",
                "overlays replace programs of a whitelisted image | plan.LayersAndSourcesTest | overlaysAreTheRulesMatterAndOffForStrictImages",
                "a user's own launcher passes by the policy | plan.RulesOfStepsTest | aUserWhoAsksHimselfCannotSayWhereTheImageLies",
                "the file changes between check and mount | plan.StepPlannerTest | anImageThatItsUserCouldChangeIsMountedFromACopy",
                "the file changes between check and mount | plan.StepPlannerTest | changedContentIsRefused",
                "a directory is only a name | plan.RulesOfStepsTest | anImageThatARuleKnowsByDigestIsMountedFromACopy",
                "directories match their direct files only | cli.KnownWeaknessesTest | rulesReachAnyDepth",
                "signatures can be stripped | cli.KnownWeaknessesTest | aStrippedSignatureIsMissed",
                "old versions are replayed | cli.KnownWeaknessesTest | anOldReleaseIsDeniedWhereverItLies",
                "old versions are replayed | cli.KnownWeaknessesTest | rulesAndKeysEndByThemselves",
                "whoever pulls says where it is from | plan.LayersAndSourcesTest | noPolicyAllowsByASourceAlone",
                "revocation is known to an updated ring only | plan.RulesOfStepsTest | aDeniedKeyIsFoundByWhatItsSignaturesClaim",
                "revocation is known to an updated ring only | plan.StepPlannerTest | aVerdictDiesWithTheRingThatItCameFrom",
                "key times are those of the first look | plan.StepPlannerTest | anExpiredKeyEndsTheVerdict",
                "fingerprints are claims | cli.EclCorpusTest | combinations",
                "a DSSE object makes the image undecidable | cli.KnownWeaknessesTest | anUnknownKindOfSignatureIsPassedOver",
                "one closed directory refuses everything | cli.KnownWeaknessesTest | aClosedDirectoryConcernsNobodyElse",
                "only the user learns of a decision | plan.RecordsOfStepsTest | everyDecisionIsRecorded",
            })
    void isShownClosed(String weakness, String testClass, String method) throws Exception {
        Class<?> tests = Class.forName("dev.dunnage.launcher." + testClass);
        assertThat(Arrays.stream(tests.getDeclaredMethods())
                        .filter(each -> Stream.of(Test.class, ParameterizedTest.class, TestFactory.class)
                                .anyMatch(each::isAnnotationPresent))
                        .map(each -> each.getName()))
                .as(weakness)
                .contains(method);
    }

    private Command check(Path policy, Path image, Object... more) {
        Object[] words = {"policy", "check", "--policy", policy, "--keyring", site.keys(), image};
        Object[] all = Arrays.copyOf(words, words.length + more.length);
        System.arraycopy(more, 0, all, words.length, more.length);
        return Command.run(all);
    }

    private Path policy(String rules) throws Exception {
        return Files.writeString(site.root().resolve("policy.yaml"), "version: 1\nrules:\n" + rules);
    }

    @Test
    void rulesReachAnyDepth() throws Exception {
        Path policy = policy("  - {name: deep, match: {path: /sw}, mode: open}\n");
        assertThat(check(policy, site.image("a.sif"), "--path", "/sw/a/b/c/x.sif")
                        .status())
                .isZero();
        assertThat(check(policy, site.image("b.sif"), "--path", "/swap/x.sif").status())
                .isEqualTo(3);
    }

    @Test
    void aStrippedSignatureIsMissed() throws Exception {
        PgpSecretKey one = TestSite.newKey("one");
        PgpSecretKey two = TestSite.newKey("two");
        site.trust(one);
        site.trust(two);
        String keys = one.facts().fingerprint() + ", " + two.facts().fingerprint();
        Path policy = policy("  - {name: both, mode: whitestrict, keys: [" + keys + "]}\n");
        assertThat(check(policy, site.image("both.sif", one, two)).status()).isZero();
        assertThat(check(policy, site.image("stripped.sif", one)).out()).contains("not every listed key");
    }

    @Test
    void anOldReleaseIsDeniedWhereverItLies() throws Exception {
        PgpSecretKey key = TestSite.newKey("release");
        site.trust(key);
        Path old = site.image("old.sif", key);
        String digest =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(old)));
        Path policy = policy("  - {name: broken release, match: {digest: 'sha256:" + digest + "'}, deny: take 2.0}\n"
                + "  - {name: signed, mode: whitelist, keys: [" + key.facts().fingerprint() + "]}\n");
        Path copy = Files.copy(old, site.root().resolve("copy.sif"));
        assertThat(check(policy, copy, "--path", "/anywhere/new-name.sif").out())
                .contains("broken release", "take 2.0");
        assertThat(check(policy, site.image("new.sif", key)).status()).isZero();
    }

    @Test
    void rulesAndKeysEndByThemselves() throws Exception {
        PgpSecretKey key = TestSite.newKey("guest");
        site.trust(key);
        Path image = site.image("a.sif", key);
        String dated = "{key: " + key.facts().fingerprint() + ", until: 2099-12-31}";
        Path policy = policy("  - {name: guests, until: 2101-12-31, mode: whitelist, keys: [" + dated + "]}\n");
        assertThat(check(policy, image, "--time", "2099-12-31").status()).isZero();
        assertThat(check(policy, image, "--time", "2100-01-01").out()).contains("'guests'", "no listed key counts");
        assertThat(check(policy, image, "--time", "2102-01-01").out()).contains("(no rule)");
    }

    /** As an agent reads it; users' drafts may be anybody's. */
    @Test
    void whatOthersCouldWriteCountsForNothing() throws Exception {
        Path policy = policy("  - {name: others, mode: open}\n");
        Files.setPosixFilePermissions(policy, PosixFilePermissions.fromString("rw-rw-rw-"));
        assertThatThrownBy(() -> new PolicyLoader(OwnershipRule.rootOnly()).load(policy))
                .isInstanceOfSatisfying(
                        SiteFileException.class,
                        e -> assertThat(e.problems())
                                .anySatisfy(
                                        problem -> assertThat(problem.message()).contains("written by others")));
    }

    @Test
    void anUnknownKindOfSignatureIsPassedOver() throws Exception {
        Path image = CORPUS.resolve("images/dsse-and-pgp.sif");
        Assumptions.assumeTrue(Files.exists(image), "SKIPPED: no corpus at " + CORPUS);
        Path policy = policy("  - {name: signed, mode: whitelist, keys: [8F1CDA07E78D8977D563FEC48F7375D9147D09E0]}\n");
        Command run = Command.run(
                "policy",
                "check",
                "--policy",
                policy,
                "--time",
                "2026-12-01",
                "--keyring",
                CORPUS.resolve("keys/ring.pgp"),
                image);
        assertThat(run.status()).as(run.out()).isZero();
    }

    @Test
    void aClosedDirectoryConcernsNobodyElse() throws Exception {
        Path policy = policy(
                "  - {name: closed, match: {path: /root/nobody/sees}, deny: closed}\n  - {name: others, mode: open}\n");
        assertThat(check(policy, site.image("a.sif")).status()).isZero();
    }
}
