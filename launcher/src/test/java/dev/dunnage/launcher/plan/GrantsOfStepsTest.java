package dev.dunnage.launcher.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dunnage.launcher.fixture.TestSite;
import dev.dunnage.launcher.wire.Bind;
import dev.dunnage.launcher.wire.Code;
import dev.dunnage.launcher.wire.Confinement;
import dev.dunnage.launcher.wire.HomeChoice;
import dev.dunnage.launcher.wire.LaunchPlan;
import dev.dunnage.launcher.wire.LaunchRequest;
import dev.dunnage.launcher.wire.Networks;
import dev.dunnage.launcher.wire.PortMapping;
import dev.dunnage.launcher.wire.Reply;
import dev.dunnage.launcher.wire.ViewPart;
import dev.dunnage.sif.key.PgpSecretKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a rule grants reaches the plan, and what it does not grant is refused with its name. */
class GrantsOfStepsTest extends PlannerBed {
    private Path image = Path.of("unset");

    GrantsOfStepsTest() {
        life = SiteFiles.Life.SHORT;
    }

    @BeforeEach
    void prepareImage() throws Exception {
        image = site.image("a.sif");
    }

    private void grant(String grants) throws IOException {
        Files.writeString(
                site.root().resolve("policy.yaml"),
                "version: 1\nrules:\n  - name: narrow\n    mode: open\n    grant: " + grants + "\n");
    }

    private Reply plan(String... mounts) throws IOException {
        return plan(HomeChoice.LEAVE_OUT, mounts);
    }

    private Reply plan(HomeChoice home, String... mounts) throws IOException {
        LaunchRequest request = TestSite.request(image, List.of(mounts), Optional.empty(), home, Optional.of("none"));
        Identity who = new Identity(1000, Set.of(1000L), Optional.of("ada"), Optional.empty(), Optional.empty(), true);
        return plan(image, request, who);
    }

    private LaunchPlan planned(String... mounts) throws IOException {
        Reply reply = plan(mounts);
        assertThat(reply).isInstanceOf(LaunchPlan.class);
        return (LaunchPlan) reply;
    }

    private static void assertRefused(Reply reply, String... parts) {
        assertRefused(reply, Code.POLICY, parts);
    }

    @Test
    void withoutGrantsNothingIsTakenAway() throws Exception {
        grant("{}");
        LaunchPlan plan = planned("/etc:/usr/bin");
        assertThat(plan.confinement()).isEqualTo(Confinement.NONE);
        assertThat(plan.view()).contains(ViewPart.DEV);
        assertThat(plan.binds()).containsExactly(new Bind("/etc", "/usr/bin", false, false));
    }

    @Test
    void whatTheKernelEnforcesIsInThePlan() throws Exception {
        grant("{network: none, user-namespaces: false, seccomp: site, limits: {pids: 64, memory: 1GiB},"
                + " capabilities: [{user: ada, allow: [CAP_NET_RAW]}, {user: eve, allow: [CAP_KILL]}]}");
        assertThat(planned().confinement())
                .isEqualTo(new Confinement(
                        1L << 13,
                        true,
                        true,
                        Networks.NONE,
                        List.of(),
                        Optional.of("site"),
                        OptionalLong.of(64),
                        OptionalLong.of(1L << 30),
                        Optional.empty(),
                        true));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "{}; true",
                "{binds: [], environment: none}; true",
                "{slurm-commands: false}; false",
                "{network: none}; false",
                "{seccomp: x}; false",
                "{limits: {pids: 9}}; false",
                "{devices: none}; false",
                "{gpu: false}; false",
                "{user-namespaces: false}; false",
                "{user-namespaces: false, slurm-commands: true}; true",
            })
    void nothingRunsOnTheNodesSideForAConfinedStep(String grants, boolean offered) throws Exception {
        grant(grants);
        LaunchPlan plan = planned();
        assertThat(plan.slurmCommands().contains("srun")).isEqualTo(offered);
        assertThat(plan.slurmCommands().isEmpty()).isEqualTo(!offered);
        assertThat(plan.confinement().hostProgramsBarred()).isEqualTo(!offered);
    }

    private Reply planIn(Networks networks) throws IOException {
        LaunchRequest request =
                TestSite.request(image, List.of(), Optional.empty(), HomeChoice.LEAVE_OUT, Optional.of("none"));
        Identity who = new Identity(1000, Set.of(1000L), Optional.of("ada"), Optional.empty(), Optional.empty(), true);
        return plan(image, TestSite.wishing(request, networks), who);
    }

    private static Networks named(String... names) {
        return new Networks(List.of(names), List.of());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "{}; ''; false; ''",
                "{}; host; false; ''",
                "{}; none; true; ''",
                "{network: none}; ''; true; ''",
                "{network: [lab, host]}; ''; false; ''",
                "{network: lab}; ''; true; ''",
                "{network: [host, lab, dmz]}; lab,dmz; true; lab,dmz",
            })
    void theNetworkIsTheOneWished(String grants, String wished, boolean own, String names) throws Exception {
        grant(grants);
        Reply reply = planIn(wished.isEmpty() ? Networks.NONE : named(wished.split(",")));
        assertThat(reply).isInstanceOf(LaunchPlan.class);
        Confinement confinement = ((LaunchPlan) reply).confinement();
        assertThat(confinement.ownNetwork()).isEqualTo(own);
        assertThat(String.join(",", confinement.networks().names())).isEqualTo(names);
    }

    @Test
    void networksAndPortsAreThoseGranted() throws Exception {
        Networks lab = new Networks(List.of("lab"), List.of(new PortMapping(8080, 80, "tcp")));
        grant("{network: [host, lab], ports: [8000-8999]}");
        assertThat(((LaunchPlan) planIn(lab)).confinement().networks()).isEqualTo(lab);
        assertRefused(planIn(named("dmz")), "--container-network=dmz", "allowed are host, lab, none", "rule 'narrow'");
        grant("{network: [host, lab], ports: 80}");
        assertRefused(planIn(lab), "--container-network-args=portmap=8080:80/tcp", "allowed are 80", "policy.yaml:3");
        grant("{network: [host, lab]}");
        assertRefused(planIn(lab), "it grants none");
        grant("{}");
        assertRefused(planIn(lab), "--container-network=lab", "allowed are host, none");
        grant("{network: none}");
        assertRefused(planIn(named("host")), "--container-network=host", "allowed are none");
    }

    @Test
    void aNetworkOfTheStepsOwnIsToldToMpiPrograms() throws Exception {
        grant("{network: none}");
        Identity who = new Identity(1000, Set.of(1000L), Optional.of("ada"), Optional.empty(), Optional.empty(), true);
        Reply reply = plan(image, TestSite.request(image), who);
        assertThat(((LaunchPlan) reply).notices()).anyMatch(line -> line.contains("--container-network=host"));
        assertThat(planned().notices()).noneMatch(line -> line.contains("--container-network=host"));
    }

    @Test
    void variablesAreThoseGranted() throws Exception {
        grant("{environment: [HOME, 'OMP_*']}");
        assertThat(planned().confinement().passedVariables()).contains(List.of("HOME", "OMP_*"));
        grant("{environment: none}");
        assertThat(planned().confinement().passedVariables()).contains(List.of());
        grant("{environment: all}");
        assertThat(planned().confinement().passedVariables()).isEmpty();
    }

    @Test
    void devicesAreThoseGranted() throws Exception {
        grant("{devices: [/dev/infiniband, /dev/nvidia0], gpu: false}");
        LaunchPlan plan = planned();
        assertThat(plan.view()).doesNotContain(ViewPart.DEV);
        assertThat(plan.confinement().devices()).containsExactly("/dev/infiniband");
        grant("{devices: none}");
        assertThat(planned().view()).doesNotContain(ViewPart.DEV);
        assertThat(planned().confinement().devices()).isEmpty();
        grant("{gpu: false}");
        assertThat(planned().view()).doesNotContain(ViewPart.DEV);
        assertThat(planned().confinement().devices()).noneMatch(device -> device.contains("nvidia"));
    }

    @Test
    void bindsAreThoseGranted() throws Exception {
        grant("{binds: [/scratch, {source: /sw, access: ro}]}");
        assertThat(planned("/scratch/me:/data,/sw:/sw:ro").binds())
                .containsExactly(
                        new Bind("/scratch/me", "/data", false, false, true),
                        new Bind("/sw", "/sw", true, false, true));
        assertRefused(
                plan("/sw:/sw"),
                "--container-mounts",
                "granted read-only",
                "rule 'narrow'",
                "policy.yaml:3",
                "questions");
        assertRefused(plan("/etc:/data"), "is not granted by the policy", "rule 'narrow'");
        assertRefused(plan("/scratchy:/data"), "is not granted by the policy");
        grant("{binds: []}");
        assertRefused(plan("/scratch:/data"), "leave it out");
    }

    @Test
    void theSitesOwnMountsAreNotAskedAbout() throws Exception {
        Files.writeString(site.root().resolve("dunnage.yaml"), "version: 1\nmounts: [/sw]\n");
        grant("{binds: []}");
        assertThat(planned().binds()).containsExactly(new Bind("/sw", "/sw", false, true));
    }

    @ParameterizedTest
    @CsvSource({
        "/x:/usr/bin/app, could cover programs",
        "/x:/opt, could cover programs",
        "/x:/tmp/link/app, lies within /tmp",
        "'/x:/data,/y:/data/link/app', lies within /data",
        "/x:/home/ada/link/app, lies within /home/ada",
    })
    void nothingCoversTheProgramsOfAStrictImage(String mounts, String cause) throws Exception {
        strict();
        assertRefused(plan(HomeChoice.BIND, mounts), cause, "rule 'strict'");
    }

    @Test
    void dataMayBeBoundIntoAStrictImage() throws Exception {
        strict();
        assertThat(planned("/x:/data/set,/y:/scratch").binds()).hasSize(2);
    }

    private void strict() throws Exception {
        PgpSecretKey key = TestSite.newKey("signer");
        site.trust(key);
        image = site.image("strict.sif", key);
        Files.writeString(
                site.root().resolve("policy.yaml"),
                "version: 1\nrules:\n  - {name: strict, mode: whitestrict, keys: ["
                        + key.facts().fingerprint() + "]}\n");
    }

    @Test
    void librariesOfTheHostStayOut() throws Exception {
        grant("{host-libraries: false}");
        assertRefused(plan("/usr/lib/x86_64-linux-gnu/libm.so.6:/x"), "libraries of the host", "rule 'narrow'");
        assertRefused(plan("/usr:/x"), "libraries of the host");
        assertThat(planned("/scratch:/x").binds()).hasSize(1);
    }

    @Test
    void everyCapabilityHasItsNumber() {
        assertThat(Capabilities.bits(Set.of("CAP_CHOWN"))).isEqualTo(1);
        assertThat(Capabilities.bits(Set.of("CAP_SYS_ADMIN", "CAP_CHECKPOINT_RESTORE")))
                .isEqualTo(1L << 21 | 1L << 40);
    }
}
