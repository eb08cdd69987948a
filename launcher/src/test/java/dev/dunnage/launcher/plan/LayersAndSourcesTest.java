package dev.dunnage.launcher.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dunnage.launcher.fixture.TestSite;
import dev.dunnage.launcher.wire.Code;
import dev.dunnage.launcher.wire.HomeChoice;
import dev.dunnage.launcher.wire.LaunchPlan;
import dev.dunnage.launcher.wire.LaunchRequest;
import dev.dunnage.launcher.wire.Refusal;
import dev.dunnage.launcher.wire.Reply;
import dev.dunnage.sif.key.PgpSecretKey;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user wants to lay over an image, and where he says that it comes from. */
class LayersAndSourcesTest extends PlannerBed {
    private static final String NAMED = "a.sif";

    private String signer = "";
    private Path signed = Path.of("unset");
    private Path unsigned = Path.of("unset");

    LayersAndSourcesTest() {
        life = SiteFiles.Life.SHORT;
    }

    @BeforeEach
    void prepareImages() throws Exception {
        PgpSecretKey key = trustedKey(site);
        signer = key.facts().fingerprint();
        signed = site.image("signed.sif", key);
        unsigned = site.image("unsigned.sif");
    }

    private void policy(String... rules) throws Exception {
        rules(Stream.of(rules).map(rule -> "  - " + rule.replace("KEY", signer)).toArray(String[]::new));
    }

    private Reply step(Path image, String named, boolean overlay) throws Exception {
        LaunchRequest plain =
                TestSite.request(image, List.of(), Optional.empty(), HomeChoice.LEAVE_OUT, Optional.of("none"));
        return plan(image, TestSite.changed(plain, named, overlay));
    }

    private static void assertRefused(Reply reply, String... parts) {
        assertRefused(reply, Code.POLICY, parts);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "mode: open                                       | true",
                "mode: open, grant: {overlay: false}              | false",
                "mode: open, grant: {replace-programs: false}     | false",
                "mode: whitelist, keys: [KEY]                     | true",
                "mode: whitestrict, keys: [KEY]                   | false",
                "require: {signed-by-all-of: [KEY]}               | false",
                "mode: whitestrict, keys: [KEY], grant: {replace-programs: true}                 | true",
                "mode: whitestrict, keys: [KEY], grant: {replace-programs: true, overlay: false} | false",
            })
    void overlaysAreTheRulesMatterAndOffForStrictImages(String rule, boolean granted) throws Exception {
        policy("{name: tested, " + rule + "}");
        assertThat(step(signed, NAMED, false)).isInstanceOf(LaunchPlan.class);
        Reply reply = step(signed, NAMED, true);
        if (granted) {
            assertThat(reply).isInstanceOf(LaunchPlan.class);
        } else {
            assertRefused(reply, "--container-writable", "'tested'", "policy.yaml:3", "questions to");
        }
    }

    @Test
    void whoMountsHimselfIsToldOfHisOwnOptions() throws Exception {
        policy("{name: strict, mode: whitestrict, keys: [KEY]}");
        LaunchRequest own = TestSite.rootlessRequest(signed);
        assertThat(plan(signed, own)).isInstanceOf(LaunchPlan.class);
        assertRefused(plan(signed, TestSite.changed(own, NAMED, true)), "--writable-tmpfs and --overlay", "'strict'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "docker://ubuntu",
                "docker://docker.io/ubuntu:latest",
                "DOCKER://index.docker.io/library/ubuntu",
                "docker://library/ubuntu@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            })
    void anImageThatIsSaidToComeFromAForbiddenPlaceIsRefusedHoweverItIsSpelled(String named) throws Exception {
        policy(
                "{name: not this one, match: {source: 'docker://docker.io/library/ubuntu'}, deny: use the site's}",
                "{name: others, mode: open}");
        assertRefused(step(unsigned, named, false), "'not this one'", "use the site's");
        assertThat(step(unsigned, "docker://docker.io/library/ubuntu2", false)).isInstanceOf(LaunchPlan.class);
        assertThat(step(unsigned, NAMED, false)).isInstanceOf(LaunchPlan.class);
    }

    @Test
    void aSourceChoosesWhoseSignaturesAreWantedAndReplacesNone() throws Exception {
        policy(
                "{name: physics, match: {source: 'oras://registry.example.org/physics'}, mode: whitelist, keys: [KEY]}",
                "{name: others, deny: from physics only}");
        String physics = "oras://registry.example.org/physics/app:1";
        assertThat(step(signed, physics, false))
                .isInstanceOfSatisfying(
                        LaunchPlan.class, plan -> assertThat(plan.decision()).contains("physics"));
        assertRefused(step(unsigned, physics, false), "'physics'");
        assertRefused(step(signed, "oras://registry.example.org/chemistry/app:1", false), "'others'");
        assertRefused(step(signed, "oras://registry.example.org:5000/physics/app:1", false), "'others'");
        assertRefused(step(signed, NAMED, false), "'others'");
    }

    @Test
    void noPolicyAllowsByASourceAlone() throws Exception {
        policy("{name: ours, match: {source: 'oras://registry.example.org/physics'}, mode: open}");
        assertThat(step(unsigned, "oras://registry.example.org/physics/app:1", false))
                .isInstanceOfSatisfying(Refusal.class, refusal -> {
                    assertThat(refusal.code()).isEqualTo(Code.CONFIG);
                    assertThat(refusal.message()).contains("word of the user");
                });
    }
}
