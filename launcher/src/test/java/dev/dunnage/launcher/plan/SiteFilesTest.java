package dev.dunnage.launcher.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dunnage.launcher.fixture.SettableClock;
import dev.dunnage.launcher.fixture.TestSite;
import dev.dunnage.policy.OwnershipRule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SiteFilesTest {
    @TempDir
    Path temporary;

    private final SettableClock clock = new SettableClock(Instant.now());
    private final List<String> log = new ArrayList<>();
    private TestSite site = new TestSite(Path.of("unset"));
    private SiteFiles files =
            new SiteFiles(SitePaths.defaults(), OwnershipRule.any(), clock, SiteFiles.Life.LONG, line -> {});

    @BeforeEach
    void prepare() throws Exception {
        site = TestSite.in(temporary);
        site.policy("open");
        files = new SiteFiles(site.paths(), OwnershipRule.any(), clock, SiteFiles.Life.LONG, line -> {});
    }

    @Test
    void unchangedFilesAreReadOnce() throws Exception {
        clock.pass(Duration.ofMinutes(1));
        Site first = files.current();
        assertThat(files.current()).isSameAs(first);
    }

    @Test
    void filesOfThisMomentAreReadEachTime() throws Exception {
        Site first = files.current();
        assertThat(files.current()).isNotSameAs(first);
    }

    @Test
    void everyChangeIsSeen() throws Exception {
        clock.pass(Duration.ofMinutes(1));
        Site first = files.current();
        site.policy("whitelist", TestSite.newKey("a"));
        Site second = files.current();
        assertThat(second.policy()).isNotSameAs(first.policy());
        Files.writeString(site.root().resolve("dunnage.yaml"), "version: 1\nmount-home: false\n");
        assertThat(files.current().config().mountHome()).isFalse();
        String generation = files.current().keys().generation();
        site.trust(TestSite.newKey("b"));
        assertThat(files.current().keys().generation()).isNotEqualTo(generation);
    }

    @Test
    void filesThatBreakWhileTheAgentRunsDoNotCount() throws Exception {
        files = new SiteFiles(site.paths(), OwnershipRule.any(), clock, SiteFiles.Life.LONG, log::add);
        clock.pass(Duration.ofMinutes(1));
        Site before = files.current();
        Files.writeString(site.root().resolve("policy.yaml"), "version: 3\n");
        assertThat(files.current().policy()).isSameAs(before.policy());
        assertThat(files.current().trouble())
                .hasValueSatisfying(
                        line -> assertThat(line).contains("policy.yaml:1:", "what it said before stays in force"));
        assertThat(files.state()).contains("active, 1 group, BUT ", "policy.yaml:1:");
        assertThat(log).hasSize(2); // however often it is asked for
        site.policy("open");
        assertThat(files.current().trouble()).isEmpty();
        assertThat(files.state()).endsWith("active, 1 group");
        assertThat(log).hasSize(3).last().asString().contains("sound again");
    }

    @Test
    void aRepairThatComesAtOnceIsSeen() throws Exception {
        files.current();
        for (int round = 0; round < 3; round++) {
            Files.writeString(site.root().resolve("policy.yaml"), "version: 3\n");
            assertThat(files.current().trouble()).isPresent();
            site.policy("open");
            assertThat(files.current().trouble()).isEmpty();
        }
    }

    @Test
    void whatOneRequestFindsBrokenIsRefused() throws Exception {
        files = new SiteFiles(site.paths(), OwnershipRule.any(), clock, SiteFiles.Life.SHORT, line -> {});
        files.current();
        Files.writeString(site.root().resolve("policy.yaml"), "version: 3\n");
        assertThatThrownBy(files::current).isInstanceOf(RefusedException.class).hasMessageContaining("policy.yaml:1:");
    }

    @Test
    void whatWasNeverSoundIsRefused() throws Exception {
        Files.writeString(site.root().resolve("policy.yaml"), "version: 3\n");
        assertThatThrownBy(files::current).isInstanceOf(RefusedException.class);
        assertThat(files.state()).contains("policy.yaml:1:");
    }

    @Test
    void aPolicyThatIsGoneLeavesNothingInForce() throws Exception {
        clock.pass(Duration.ofMinutes(1));
        files.current();
        Files.delete(site.root().resolve("policy.yaml"));
        assertThatThrownBy(files::current).isInstanceOf(RefusedException.class);
        Files.writeString(site.root().resolve("policy.yaml"), "version: 3\n");
        assertThatThrownBy(files::current).as("nothing is left to fall back on").isInstanceOf(RefusedException.class);
        site.policy("open");
        assertThat(files.state()).contains("active, 1 group");
    }

    @Test
    void includedFilesAndTheListCountAsThePolicyDoes() throws Exception {
        Path included = Files.createDirectory(site.root().resolve("policy.d")).resolve("a.yaml");
        Files.writeString(site.root().resolve("policy.yaml"), "version: 1\ninclude: [policy.d]\n");
        Files.writeString(included, "version: 1\nrules: [{name: a, mode: open}]\n");
        clock.pass(Duration.ofMinutes(1));
        Site first = files.current();
        assertThat(files.current()).isSameAs(first);
        Files.writeString(included, "version: 1\nrules: [{name: b, deny: no}]\n");
        assertThat(files.current().policy()).isNotSameAs(first.policy());
        clock.pass(Duration.ofMinutes(1));
        Site second = files.current();
        Files.writeString(included.resolveSibling("b.yaml"), "version: 1\nrules: [{name: c, mode: open}]\n");
        assertThat(files.current().policy().summary())
                .isNotEqualTo(second.policy().summary());
        Files.delete(included);
        Files.delete(included.resolveSibling("b.yaml"));
        assertThat(files.current().trouble())
                .hasValueSatisfying(line -> assertThat(line).contains("policy.yaml:2:"));
        Files.delete(site.root().resolve("policy.yaml"));
        Files.writeString(site.root().resolve("ecl.toml"), "activated = false\n");
        assertThat(files.current().trouble()).isEmpty();
        assertThat(files.state()).contains("ecl.toml", "switched off");
    }

    @Test
    void aDamagedKeyFileKeepsTheRingThatWas() throws Exception {
        site.trust(TestSite.newKey("a"));
        clock.pass(Duration.ofMinutes(1));
        String generation = files.current().keys().generation();
        Path damaged = Files.writeString(site.keys().resolve("zz.asc"), "not a key");
        assertThat(files.current().keys().generation()).isEqualTo(generation);
        assertThat(files.current().trouble())
                .hasValueSatisfying(line -> assertThat(line).contains("zz.asc"));
        Files.delete(damaged);
        assertThat(files.current().trouble()).isEmpty();
    }

    @Test
    void aChangeOfRightsAboveTheFilesIsSeen() throws Exception {
        clock.pass(Duration.ofMinutes(1));
        Site first = files.current();
        Files.setPosixFilePermissions(site.root(), PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThat(files.current()).isNotSameAs(first);
    }
}
