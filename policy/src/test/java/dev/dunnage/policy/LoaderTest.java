package dev.dunnage.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoaderTest {
    @TempDir
    Path directory;

    private final PolicyLoader policies = new PolicyLoader(OwnershipRule.any());
    private final SiteConfigLoader settings = new SiteConfigLoader(OwnershipRule.any());

    @Test
    void missingPolicyIsRefused() {
        for (OwnershipRule rule : List.of(OwnershipRule.any(), OwnershipRule.rootOnly())) {
            Path file = directory.resolve("policy.yaml");
            SiteFileException refusal = assertThrows(SiteFileException.class, () -> new PolicyLoader(rule).load(file));

            assertThat(refusal).hasMessageStartingWith(file + ": does not exist: create it");
            assertThat(refusal.problems())
                    .singleElement()
                    .extracting(Problem::line)
                    .isEqualTo(0);
        }
    }

    @Test
    void missingSettingsAreTheDefaults() throws SiteFileException {
        for (OwnershipRule rule : List.of(OwnershipRule.any(), OwnershipRule.rootOnly())) {
            SiteConfig config = new SiteConfigLoader(rule).load(directory.resolve("absent/dunnage.yaml"));

            assertThat(config)
                    .isEqualTo(new SiteConfig(
                            true,
                            List.of(),
                            SiteConfig.DEFAULT_CONTACT,
                            directory.resolve("absent/keys"),
                            SiteConfig.DEFAULT_COMMANDS,
                            Optional.empty(),
                            Optional.empty(),
                            AuditSettings.DEFAULTS,
                            SourceSettings.DEFAULTS,
                            GpuSettings.DEFAULTS));
        }
    }

    @Test
    void settingsBehindAFileAreNotAbsent() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "");

        assertThatThrownBy(() -> settings.load(file.resolve("dunnage.yaml")))
                .isInstanceOf(SiteFileException.class)
                .hasMessageContaining("cannot be read");
    }

    @Test
    void settingsAreRead() throws Exception {
        Path file = write("""
                version: 1
                mount-home: false
                mounts: [/scratch, '/sw//:/opt/./sw/:ro', "/data:/data:rw"]
                contact: HPC help, hpc@example.org
                keys: /etc/dunnage/../dunnage/ring
                slurm-commands: [srun, squeue, srun]
                mpi-mode: hybrid
                mpi:
                  slurm: [pmi2, pmix]
                  pmix: 4.2.2
                  glibc: "2.36"
                  installations:
                    - family: openmpi
                      version: "4.1.4"
                      library: /usr/lib/libmpi.so.40.30.4
                      launchers: [/usr/bin/orterun]
                  sets:
                    - {name: ucx, directory: /usr/lib/ucx, glibc: "2.34", libraries: [/usr/lib/libucp.so.0]}
                audit: required
                audit-file: /var/log/dunnage/decisions
                audit-file-size: 1MiB
                audit-files: 3
                audit-syslog: false
                registries:
                  allowed: [docker.io, "*.example.org"]
                  mirrors: {docker.io: [https://one.example.org, "https://two.example.org:5000/hub/"]}
                  insecure: localhost:5000
                  ca-bundle: /etc/ssl/site.pem
                  library: https://library.example.org/
                image-cache:
                  directory: /scratch/%u/dunnage
                  shared: /sw/images
                  size: 2GiB
                pull: {at: submit, mode: never}
                gpu: auto
                gpu-absent: warn
                """);

        assertThat(settings.load(file))
                .isEqualTo(new SiteConfig(
                        false,
                        List.of(
                                new MountSpec("/scratch", "/scratch", false),
                                new MountSpec("/sw", "/opt/sw", true),
                                new MountSpec("/data", "/data", false)),
                        "HPC help, hpc@example.org",
                        Path.of("/etc/dunnage/ring"),
                        List.of("srun", "squeue"),
                        Optional.of(MpiMode.HYBRID),
                        Optional.of(new MpiProfile(
                                List.of("pmi2", "pmix"),
                                Optional.of("4.2.2"),
                                Optional.of("2.36"),
                                List.of(new MpiProfile.Installation(
                                        "openmpi",
                                        Optional.of("4.1.4"),
                                        Path.of("/usr/lib/libmpi.so.40.30.4"),
                                        Optional.empty(),
                                        List.of(Path.of("/usr/bin/orterun")))),
                                List.of(new MpiProfile.ComponentSet(
                                        "ucx",
                                        Path.of("/usr/lib/ucx"),
                                        Optional.of("2.34"),
                                        List.of(Path.of("/usr/lib/libucp.so.0")))))),
                        new AuditSettings(true, Path.of("/var/log/dunnage/decisions"), 1 << 20, 3, false),
                        new SourceSettings(
                                List.of("docker.io", "*.example.org"),
                                Map.of(
                                        "docker.io",
                                        List.of("https://one.example.org", "https://two.example.org:5000/hub")),
                                Set.of("localhost:5000"),
                                Optional.of(Path.of("/etc/ssl/site.pem")),
                                Optional.of("https://library.example.org"),
                                "/scratch/%u/dunnage",
                                Optional.of(Path.of("/sw/images")),
                                2L << 30,
                                SourceSettings.PullTime.SUBMIT,
                                SourceSettings.PullMode.NEVER),
                        new GpuSettings(GpuSettings.Standard.AUTO, false)));
    }

    @Test
    void whatIsSaidOfGpusIsAKnownWord() throws Exception {
        for (String wrong : List.of("gpu: yes", "gpu: cuda", "gpu-absent: ignore")) {
            Path file = write("version: 1\n" + wrong + "\n");
            assertThatThrownBy(() -> settings.load(file))
                    .as(wrong)
                    .isInstanceOf(SiteFileException.class)
                    .hasMessageContaining("(allowed: ");
        }
    }

    @Test
    void onlyModesThatWorkCanBePinned() throws Exception {
        assertThat(settings.load(write("version: 1\nmpi-mode: bind\n")).mpiMode())
                .contains(MpiMode.BIND);
        assertThat(settings.load(write("version: 1\nmpi-mode: fabric\n")).mpiMode())
                .contains(MpiMode.FABRIC);
        for (String wrong : List.of("fabrics", "Hybrid", "require:hybrid")) {
            Path file = write("version: 1\nmpi-mode: " + wrong + "\n");
            assertThatThrownBy(() -> settings.load(file))
                    .as(wrong)
                    .isInstanceOf(SiteFileException.class)
                    .hasMessageContaining("allowed: auto, hybrid, bind, fabric, none");
        }
    }

    @Test
    void slurmCommandsAreNamesAndMayBeNone() throws Exception {
        assertThat(settings.load(write("version: 1\nslurm-commands: []\n")).slurmCommands())
                .isEmpty();
        for (String wrong : List.of("/usr/bin/srun", "../srun", "Srun", "'s run'", "''", "-x")) {
            Path file = write("version: 1\nslurm-commands: [" + wrong + "]\n");
            assertThatThrownBy(() -> settings.load(file))
                    .isInstanceOf(SiteFileException.class)
                    .hasMessageContaining(":2:");
        }
    }

    @Test
    void versionAloneMeansTheDefaults() throws Exception {
        assertThat(settings.load(write("version: 1\n"))).isEqualTo(SiteConfig.defaults(directory.resolve("f.yaml")));
    }

    @Test
    void fileAboveTheLimitIsRefused() throws Exception {
        String head = "version: 1\necl: {activated: true}\n#";

        assertThat(policies.load(write(head + "x".repeat(SiteFile.MAX_BYTES - head.length())))
                        .summary())
                .endsWith("active, 0 groups");
        assertThatThrownBy(() -> policies.load(write(head + "x".repeat(SiteFile.MAX_BYTES - head.length() + 1))))
                .hasMessageContaining("larger than 1048576 bytes");
    }

    @Test
    void largeNestingEndsInAFinding() {
        for (String open : List.of("[", "{a: ", "{? ", "- ", "? ")) {
            assertThatThrownBy(() -> policies.load(write(open.repeat(SiteFile.MAX_BYTES / open.length() - 1))))
                    .as(open)
                    .isInstanceOf(SiteFileException.class);
        }
    }

    @Test
    void largeNestingInTomlEndsInAFinding() throws Exception {
        EclLoader lists = new EclLoader(OwnershipRule.any());
        for (String open : List.of("[", "{a=", "a.", "[[")) {
            assertThatThrownBy(() -> lists.load(write("a = " + open.repeat(200_000))))
                    .as(open)
                    .isInstanceOf(SiteFileException.class);
        }
        // The longest legal nesting is refused as well: no setting has it.
        assertThatThrownBy(() -> lists.load(write("a = " + "[".repeat(100_000) + "]".repeat(100_000))))
                .isInstanceOf(SiteFileException.class);
    }

    @Test
    void missingListIsRefused() {
        for (OwnershipRule rule : List.of(OwnershipRule.any(), OwnershipRule.rootOnly())) {
            assertThatThrownBy(() -> new EclLoader(rule).load(directory.resolve("ecl.toml")))
                    .isInstanceOf(SiteFileException.class)
                    .hasMessageContaining("ecl.toml: does not exist: create it");
        }
    }

    @Test
    void positionsCountCharactersBeyondTheBasicPlane() throws Exception {
        SiteFileException refusal = assertThrows(
                SiteFileException.class,
                () -> policies.load(write("# \uD83D\uDEA2\nversion: 1 # \uD83D\uDEA2\necl: {activated: &x 'true'}\n")));

        assertThat(refusal.problems()).extracting(Problem::column).containsOnly(18);
        assertThat(refusal.problems()).anySatisfy(p -> assertThat(p.message()).contains("anchors"));
    }

    @Test
    void linkedDirectoryOfAGroupIsRefusedWithItsTarget() throws Exception {
        Path real = Files.createDirectories(directory.resolve("real/images"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), real.getParent());

        assertThatThrownBy(() -> policies.load(group(link.resolve("images"))))
                .hasMessageContaining(link + " is a symbolic link")
                .hasMessageContaining("write " + real);
        assertThatThrownBy(() -> policies.load(group(link.resolve("not/yet"))))
                .hasMessageContaining("write the path that it leads to");
        assertThat(Cases.rule(policies.load(group(real)), real.resolve("x.sif")).name())
                .isEqualTo("g");
        assertThat(policies.load(group(real.resolve("not/yet"))).summary()).endsWith("1 group");
    }

    @Test
    void summarySaysWhenChecksAreOff() throws Exception {
        assertThat(policies.load(write("version: 1\necl: {activated: false}\n")).summary())
                .contains("switched off, every image runs untrusted");
    }

    private Path group(Path covered) throws IOException {
        return write(
                "version: 1\necl: {activated: true, groups: [{name: g, mode: open, directory: " + covered + "}]}\n");
    }

    private Path write(String text) throws IOException {
        return Files.writeString(directory.resolve("f.yaml"), text);
    }
}
