package dev.dunnage.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GrantsTest {
    private Policy policy = policy();

    @BeforeEach
    void load() {
        policy = policy();
    }

    private static Policy policy() {
        try {
            return new PolicyLoader(OwnershipRule.any())
                    .load(Cases.root().resolve("accepted/rules-grants/policy.yaml"));
        } catch (SiteFileException e) {
            throw new AssertionError(e);
        }
    }

    private Grants of(String rule) {
        return Cases.rule(policy, Path.of("/" + rule + "/x.sif")).grants();
    }

    @Test
    void withoutGrantEverythingIsAsItWas() {
        Grants grants = of("defaults");

        assertThat(grants).isEqualTo(Grants.defaults());
        assertThat(grants.refusalOf(mount("/anything:/usr/bin"))).isEmpty();
        assertThat(grants.driver().effective(true)).isEqualTo(MountDriver.KERNEL);
        assertThat(grants.driver().effective(false)).isEqualTo(MountDriver.FUSE);
        assertThat(grants.overlay()).isTrue();
        assertThat(grants.capabilitiesOf(anna())).isEmpty();
        assertThat(grants.network()).isEqualTo(new NetworkGrant(List.of("host"), List.of()));
        assertThat(grants.environment().passes("ANY")).isTrue();
        assertThat(grants.grantsDevice(Path.of("/dev/nvidia0"))).isTrue();
        assertThat(grants.limits()).isEqualTo(Limits.NONE);
        assertThat(of("all")).isEqualTo(Grants.defaults());
        assertThat(Cases.rule(policy, Path.of("/elsewhere/x.sif")).grants()).isEqualTo(Grants.defaults());
    }

    @Test
    void everyGrantIsRead() {
        Grants grants = of("everything");

        assertThat(grants.driver()).isEqualTo(MountDriver.KERNEL);
        assertThat(grants.driver().effective(false)).isEqualTo(MountDriver.FUSE);
        assertThat(grants.binds().orElseThrow())
                .extracting(BindGrant::toString)
                .containsExactly("/scratch", "/sw:ro", "/sw/build");
        assertThat(grants.overlay()).isTrue();
        assertThat(grants.hostLibraries()).isFalse();
        assertThat(grants.gpu()).isFalse();
        assertThat(grants.network())
                .isEqualTo(new NetworkGrant(
                        List.of("host", "none", "lab-1"), List.of(new PortRange(80, 80), new PortRange(8000, 8999))));
        assertThat(grants.environment()).isEqualTo(new EnvironmentGrant(List.of("HOME", "OMP_*")));
        assertThat(grants.seccomp()).contains("strict-1");
        assertThat(grants.userNamespaces()).isFalse();
        assertThat(grants.slurmCommands()).contains(true);
        assertThat(grants.limits()).isEqualTo(new Limits(OptionalLong.of(4096), OptionalLong.of(8L << 30)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "network: none",
                "network: lab",
                "devices: none",
                "devices: [/dev/fuse]",
                "gpu: false",
                "seccomp: x",
                "user-namespaces: false",
                "limits: {pids: 1}",
                "limits: {memory: 1GiB}",
            })
    void slurmsCommandsAreNoWayOutOfAConfinement(String confinement, @TempDir Path directory) throws Exception {
        assertThat(read(directory, confinement).grantsSlurmCommands()).isFalse();
        assertThat(read(directory, confinement + ", slurm-commands: true").grantsSlurmCommands())
                .isTrue();
        assertThat(read(directory, confinement + ", slurm-commands: false").grantsSlurmCommands())
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{binds: []}",
                "{environment: none}",
                "{network: [host, none]}",
                "{network: [host, lab], ports: 8080}",
                "{devices: all}",
                "{driver: fuse, host-libraries: false, replace-programs: false}",
            })
    void whatDoesNotConfineProcessesLeavesSlurmsCommands(String grants, @TempDir Path directory) throws Exception {
        assertThat(read(directory, grants.substring(1, grants.length() - 1)).grantsSlurmCommands())
                .isTrue();
        assertThat(read(directory, "slurm-commands: false").grantsSlurmCommands())
                .isFalse();
    }

    private static Grants read(Path directory, String grants) throws Exception {
        Path file = Files.writeString(
                directory.resolve("p.yaml"), "version: 1\nrules: [{name: x, mode: open, grant: {" + grants + "}}]\n");
        return Cases.rule(new PolicyLoader(OwnershipRule.any()).load(file), Path.of("/x.sif"))
                .grants();
    }

    @ParameterizedTest
    @CsvSource({
        "/scratch, ''",
        "/scratch/me:/data, ''",
        "/scratchy, is not granted by the policy; sources in /scratch, /sw:ro, /sw/build are",
        "/sw/tool:/sw/tool:ro, ''",
        "/sw/tool:/sw/tool, is granted read-only; write /sw/tool:/sw/tool:ro",
        "/sw/build/x, ''",
        "/sw/builder, is granted read-only; write /sw/builder:/sw/builder:ro",
        "/, is not granted by the policy",
        "/etc:/usr/bin, is not granted by the policy",
    })
    void bindsAreCheckedByTheMostSpecificPlace(String mount, String refusal) {
        String text = mount.equals("/") ? "/:/host" : mount;

        assertRefusal(of("everything").refusalOf(mount(text)), refusal);
    }

    @ParameterizedTest
    @CsvSource({
        "'network: [host, lab]', host, host, ''",
        "'network: [host, lab]', lab, host, ''",
        "'network: [host, lab]', other, host, 'does not grant the network ''other'' here; allowed are host, lab, none'",
        "'network: lab', host, none, 'does not grant the network ''host'' here; allowed are lab, none'",
        "'network: [none, lab]', none, none, ''",
        "gpu: true, lab, host, 'does not grant the network ''lab'' here; allowed are host, none'",
        "gpu: true, none, host, ''",
    })
    void networksAreThoseOfTheRule(String grant, String wanted, String usual, String refusal, @TempDir Path directory)
            throws Exception {
        NetworkGrant network = read(directory, grant).network();

        assertThat(network.refusalOf(wanted).orElse("")).endsWith(refusal);
        assertThat(network.refusalOf(wanted).isEmpty()).isEqualTo(refusal.isEmpty());
        assertThat(network.usual()).isEqualTo(usual);
    }

    @ParameterizedTest
    @CsvSource({
        "'', 8000, 'does not grant port 8000 of the node here; it grants none, leave it out'",
        "', ports: 8080', 8080, ''",
        "', ports: [8000-8999, 80]', 8000, ''",
        "', ports: [8000-8999, 80]', 8999, ''",
        "', ports: [8000-8999, 80]', 9000, 'does not grant port 9000 of the node here; allowed are 8000-8999, 80'",
        "', ports: [8000-8999, 80]', 81, does not grant port 81",
    })
    void portsAreThoseOfTheRule(String ports, int wanted, String refusal, @TempDir Path directory) throws Exception {
        NetworkGrant network = read(directory, "network: lab" + ports).network();

        assertThat(network.refusalOfPort(wanted).orElse("")).contains(refusal);
        assertThat(network.refusalOfPort(wanted).isEmpty()).isEqualTo(refusal.isEmpty());
    }

    @Test
    void emptyListGrantsNoBind() {
        assertRefusal(of("nothing").refusalOf(mount("/scratch")), "is not granted by the policy; leave it out");
        assertThat(of("nothing").grantsDevice(Path.of("/dev/null"))).isFalse();
        assertThat(of("nothing").environment().passes("HOME")).isFalse();
        assertThat(of("nothing").network().choices()).containsExactly("none");
        assertThat(of("nothing").driver().effective(true)).isEqualTo(MountDriver.FUSE);
    }

    @ParameterizedTest
    @CsvSource({
        "/scratch, ''",
        "/scratch/me:/scratch/you, ''",
        "/home/me:/mnt, ''",
        "/scratch:/usr/bin/prog, could cover programs of the image",
        "/scratch:/opt, could cover programs of the image",
        "/scratch:/app, could cover programs of the image",
        "/scratch:/var, could cover programs of the image",
        "/scratch:/var/tmp, ''",
        "/scratch:/datafiles, could cover programs of the image",
    })
    void nothingCoversProgramsOfAStrictImage(String mount, String refusal) {
        assertThat(of("strict")).isEqualTo(Grants.strictDefaults());
        assertRefusal(of("strict").refusalOf(mount(mount)), refusal);
    }

    @Test
    void whoeverProtectsTheProgramsOfAnImageForbidsOverlaysToo(@TempDir Path directory) throws Exception {
        assertThat(read(directory, "gpu: true").overlay()).isTrue();
        assertThat(read(directory, "overlay: false").overlay()).isFalse();
        assertThat(read(directory, "overlay: false").replacePrograms()).isTrue();
        assertThat(read(directory, "replace-programs: false").overlay()).isFalse();
        assertThat(of("demand").overlay()).isFalse();
    }

    @Test
    void siteChoosesOtherTargetsOrNoProtection() {
        assertThat(of("demand").refusalOf(mount("/gpfs/me"))).isEmpty();
        assertRefusal(of("demand").refusalOf(mount("/scratch")), "choose a target in /gpfs");
        assertThat(of("loose").refusalOf(mount("/scratch:/usr/bin"))).isEmpty();
        assertThat(of("loose").overlay()).isTrue();
        assertThat(of("strict").overlay()).isFalse();
    }

    @Test
    void strictGroupsOfTheOldFormAreProtectedToo() throws Exception {
        Policy groups = new PolicyLoader(OwnershipRule.any()).load(Cases.root().resolve("accepted/modes/policy.yaml"));

        assertThat(Cases.rule(groups, Path.of("/ws/x.sif")).grants()).isEqualTo(Grants.strictDefaults());
        assertThat(Cases.rule(groups, Path.of("/wl/x.sif")).grants()).isEqualTo(Grants.defaults());
    }

    @Test
    void capabilitiesAreForThoseWhoWereNamed() {
        Grants grants = of("everything");

        assertThat(grants.capabilitiesOf(anna())).containsExactlyInAnyOrder("CAP_NET_RAW", "CAP_SYS_NICE");
        assertThat(grants.capabilitiesOf(subject(1000, "x", Set.of("admins"))))
                .containsExactlyInAnyOrder("CAP_NET_RAW", "CAP_SYS_NICE", "CAP_PERFMON");
        assertThat(grants.capabilitiesOf(subject(8, "bob", Set.of("admins")))).containsExactly("CAP_PERFMON");
        assertThat(grants.capabilitiesOf(subject(8, "bob", Set.of("staff")))).isEmpty();
        assertThat(grants.capabilitiesOf(Subject.unknown())).isEmpty();
    }

    @Test
    void devicesAndVariablesAreComparedWhole() {
        Grants grants = of("everything");

        assertThat(grants.grantsDevice(Path.of("/dev/infiniband/uverbs0"))).isTrue();
        assertThat(grants.grantsDevice(Path.of("/dev/fuse"))).isTrue();
        assertThat(grants.grantsDevice(Path.of("/dev/fuse2"))).isFalse();
        assertThat(grants.grantsDevice(Path.of("/dev"))).isFalse();
        assertThat(grants.environment().passes("HOME")).isTrue();
        assertThat(grants.environment().passes("HOMES")).isFalse();
        assertThat(grants.environment().passes("OMP_NUM_THREADS")).isTrue();
        assertThat(grants.environment().passes("XOMP_X")).isFalse();
    }

    @Test
    void limitsNeverExceedTheAllocation() {
        assertThat(of("everything").limits().memoryWithin(4L << 30)).isEqualTo(4L << 30);
        assertThat(of("everything").limits().memoryWithin(16L << 30)).isEqualTo(8L << 30);
        assertThat(Limits.NONE.memoryWithin(5)).isEqualTo(5);
        assertThatThrownBy(() -> new Limits(OptionalLong.of(0), OptionalLong.empty()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static Subject anna() {
        return subject(7, "anna", Set.of("staff"));
    }

    private static Subject subject(long uid, String user, Set<String> groups) {
        return new Subject(
                OptionalLong.of(uid),
                Optional.of(user),
                Optional.of(Set.of()),
                Optional.of(groups),
                Optional.empty(),
                Optional.empty());
    }

    private static MountSpec mount(String text) {
        try {
            return MountSpec.parse(text);
        } catch (IllegalMountException e) {
            throw new AssertionError(e);
        }
    }

    private static void assertRefusal(Optional<String> seen, String expected) {
        if (expected.isEmpty()) {
            assertThat(seen).isEmpty();
        } else {
            assertThat(seen)
                    .hasValueSatisfying(
                            text -> assertThat(text).startsWith("mount ").contains(expected));
        }
    }
}
