package dev.dunnage.launcher.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dunnage.launcher.fixture.SettableClock;
import dev.dunnage.launcher.fixture.TestSite;
import dev.dunnage.policy.OwnershipRule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SiteFilesTest {
    @TempDir
    Path temporary;

    private final SettableClock clock = new SettableClock(Instant.now());
    private TestSite site = new TestSite(Path.of("unset"));
    private SiteFiles files = new SiteFiles(SitePaths.defaults(), OwnershipRule.any(), clock, line -> {});

    @BeforeEach
    void prepare() throws Exception {
        site = TestSite.in(temporary);
        site.policy("open");
        files = new SiteFiles(site.paths(), OwnershipRule.any(), clock, line -> {});
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
    void aPolicyThatBreaksWhileTheAgentRunsRefusesAtOnce() throws Exception {
        clock.pass(Duration.ofMinutes(1));
        files.current();
        Files.writeString(site.root().resolve("policy.yaml"), "version: 3\n");
        assertThatThrownBy(files::current).isInstanceOf(RefusedException.class);
        assertThat(files.state()).contains("policy.yaml:1:");
        Files.delete(site.root().resolve("policy.yaml"));
        assertThatThrownBy(files::current).isInstanceOf(RefusedException.class);
        site.policy("open");
        assertThat(files.state()).contains("active, 1 group");
    }
}
