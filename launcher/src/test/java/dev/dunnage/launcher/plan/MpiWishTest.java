package dev.dunnage.launcher.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dunnage.launcher.wire.HardwareWish;
import dev.dunnage.launcher.wire.HomeChoice;
import dev.dunnage.launcher.wire.LaunchRequest;
import dev.dunnage.launcher.wire.Networks;
import dev.dunnage.policy.AuditSettings;
import dev.dunnage.policy.GpuSettings;
import dev.dunnage.policy.MpiMode;
import dev.dunnage.policy.MpiProfile;
import dev.dunnage.policy.SiteConfig;
import dev.dunnage.policy.SourceSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class MpiWishTest {
    private static SiteConfig site(Optional<MpiMode> pinned) {
        return new SiteConfig(
                true,
                List.of(),
                "ask ada",
                Path.of("/etc/dunnage/keys"),
                List.of(),
                pinned,
                Optional.empty(),
                AuditSettings.DEFAULTS,
                SourceSettings.DEFAULTS,
                GpuSettings.DEFAULTS);
    }

    private static final MpiProfile.Installation OPEN_MPI = new MpiProfile.Installation(
            "openmpi", Optional.of("4.1.4"), Path.of("/usr/lib/libmpi.so.40"), Optional.empty(), List.of());

    private static SiteConfig withNodesMpi(List<MpiProfile.Installation> installations) {
        SiteConfig plain = site(Optional.empty());
        return new SiteConfig(
                true,
                List.of(),
                plain.contact(),
                Path.of("/etc/dunnage/keys"),
                List.of(),
                Optional.empty(),
                Optional.of(
                        new MpiProfile(List.of("pmix"), Optional.empty(), Optional.empty(), installations, List.of())),
                AuditSettings.DEFAULTS,
                SourceSettings.DEFAULTS,
                GpuSettings.DEFAULTS);
    }

    private static LaunchRequest request(Optional<String> wish, Optional<String> mpiType, long tasks) {
        return new LaunchRequest(
                1,
                0,
                0,
                1000,
                1000,
                List.of(),
                "ada",
                "/home/ada",
                "/",
                "n1",
                "a.sif",
                "/a.sif",
                List.of(),
                Optional.empty(),
                HomeChoice.SITE_DEFAULT,
                mpiType,
                tasks,
                1,
                Optional.empty(),
                Optional.empty(),
                wish,
                false,
                false,
                HardwareWish.NONE,
                Networks.NONE);
    }

    @ParameterizedTest
    @CsvSource({
        "auto,AUTO",
        "hybrid,HYBRID",
        "none,NONE",
        "require:hybrid,HYBRID",
        "bind,BIND",
        "require:bind,BIND",
        "fabric,FABRIC",
        "require:fabric,FABRIC"
    })
    void wishesAreMet(String wish, MpiMode mode) throws RefusedException {
        assertThat(MpiWish.of(request(Optional.of(wish), Optional.of("pmix"), 4), site(Optional.empty())))
                .isEqualTo(mode);
    }

    @Test
    void withoutAWishTheSiteDecides() throws RefusedException {
        LaunchRequest silent = request(Optional.empty(), Optional.of("pmix"), 4);
        assertThat(MpiWish.of(silent, site(Optional.empty()))).isEqualTo(MpiMode.AUTO);
        assertThat(MpiWish.of(silent, site(Optional.of(MpiMode.NONE)))).isEqualTo(MpiMode.NONE);
    }

    @ParameterizedTest
    @CsvSource({
        "pmix,4,true",
        "pmix_v4,4,true",
        "pmi2,2,true",
        "pmix,1,false",
        "none,4,false",
        "openmpi,4,false",
        ",4,false"
    })
    void theNodesMpiMayHelpTasksThatALauncherJoins(String type, long tasks, boolean may) {
        LaunchRequest step = request(Optional.empty(), Optional.ofNullable(type), tasks);
        assertThat(MpiWish.mayBind(step, withNodesMpi(List.of(OPEN_MPI)))).isEqualTo(may);
    }

    @Test
    void theNodesMpiMustBeNamedByTheSite() {
        LaunchRequest step = request(Optional.empty(), Optional.of("pmix"), 4);
        assertThat(MpiWish.mayBind(step, site(Optional.empty()))).isFalse();
        assertThat(MpiWish.mayBind(step, withNodesMpi(List.of()))).isFalse();
    }

    @Test
    void aPinnedModeIsNotLeft() {
        assertThatThrownBy(() -> MpiWish.of(
                        request(Optional.of("none"), Optional.empty(), 4), site(Optional.of(MpiMode.HYBRID))))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("mpi-mode: hybrid")
                .hasMessageContaining("ask ada");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "Hybrid", "require:", "require:none", "require:auto", "require:require:hybrid", "none "})
    void anythingElseIsRefusedWithWhatIsAllowed(String wish) {
        assertThatThrownBy(() -> MpiWish.of(request(Optional.of(wish), Optional.empty(), 4), site(Optional.empty())))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("--container-mpi=" + wish + ": allowed are");
    }

    @Test
    void aStepOfSeveralTasksMustHaveALauncherWhenThatIsRequired() throws RefusedException {
        Optional<String> wish = Optional.of("require:hybrid");
        assertThatThrownBy(() -> MpiWish.of(request(wish, Optional.of("none"), 2), site(Optional.empty())))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("no PMI (--mpi=none)");
        assertThat(MpiWish.of(request(wish, Optional.of("none"), 1), site(Optional.empty())))
                .isEqualTo(MpiMode.HYBRID);
    }
}
