package dev.dunnage.launcher.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dunnage.launcher.fixture.TestSite;
import dev.dunnage.launcher.wire.Bind;
import dev.dunnage.launcher.wire.Code;
import dev.dunnage.launcher.wire.EnvironmentVariable;
import dev.dunnage.launcher.wire.HomeChoice;
import dev.dunnage.launcher.wire.LaunchPlan;
import dev.dunnage.launcher.wire.LaunchRequest;
import dev.dunnage.launcher.wire.ViewPart;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the inside of a container looks like. */
class ContainerLayoutTest extends PlannerBed {
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
}
