package dev.dunnage.launcher.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.dunnage.launcher.doctor.Finding.Grade;
import dev.dunnage.policy.OwnershipRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Examines directories that look like machines. */
class DoctorTest {
    private static final String PLUGINS = "/usr/lib/x86_64-linux-gnu/slurm-wlm";
    private static final Path SLURM = Path.of(PLUGINS, "mpi_none.so");

    @TempDir
    Path root;

    @BeforeEach
    void soundKernel() throws IOException {
        put("/proc/sys/kernel/osrelease", "6.1.0-1\n");
        put("/proc/filesystems", "nodev\tproc\n\tsquashfs\n");
        put("/proc/self/limits", "Max locked memory         8388608              8388608              bytes\n");
        put("/dev/loop-control", "");
        put("/dev/fuse", "");
        Files.setPosixFilePermissions(root.resolve("dev/fuse"), PosixFilePermissions.fromString("rw-rw-rw-"));
        put("/sys/fs/cgroup/cgroup.controllers", "cpuset cpu io memory pids\n");
    }

    private Path put(String path, String content) throws IOException {
        Path file = root.resolve(path.substring(1));
        Files.createDirectories(file.getParent());
        return Files.writeString(file, content);
    }

    private List<Finding> findings() {
        Machine machine = new Machine(root, Optional.empty(), Map.of("PATH", "/usr/bin"), OwnershipRule.any());
        return Doctor.of(machine, Instant.EPOCH, true, Optional.empty()).examine();
    }

    private Finding finding(String check) {
        return findings().stream()
                .filter(each -> each.check().equals(check))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aMachineWithoutSlurmNeedsNoPolicy() {
        assertThat(finding("slurm").text()).contains("no Slurm");
        assertThat(finding("policy").grade()).isEqualTo(Grade.OK);
        assertThat(finding("kernel").grade()).isEqualTo(Grade.OK);
        assertThat(finding("cgroups").text()).startsWith("version 2");
        assertThat(finding("self-test").grade()).isEqualTo(Grade.SKIPPED);
        assertThat(findings()).noneMatch(each -> each.check().equals("agent"));
    }

    @ParameterizedTest
    @CsvSource({
        "/proc/sys/kernel/osrelease,5.10.0,kernel,FAIL,newer kernel",
        "/proc/sys/user/max_user_namespaces,0,user-namespaces,WARN,sysctl -w user.max_user_namespaces",
        "/proc/sys/kernel/unprivileged_userns_clone,0,user-namespaces,WARN,sysctl -w kernel.unprivileged",
        "/sys/fs/cgroup/cgroup.controllers,cpu memory,cgroups,WARN,controllers",
        "/proc/sys/kernel/yama/ptrace_scope,1,single-copy,WARN,ptrace_scope=0",
        "/dev/infiniband/uverbs0,x,memlock,WARN,LimitMEMLOCK",
        "/sys/class/infiniband/mlx5_0/x,x,drivers,WARN,ib_uverbs",
        "/sys/module/nvidia/version,550.1,drivers,WARN,nvidia-modprobe",
        "/etc/dunnage/dunnage.yaml,version: 2,settings,FAIL,policy lint --settings",
        "/etc/dunnage/policy.yaml,version: 1,policy,FAIL,policy lint",
    })
    void whatIsWrongIsToldWithItsCure(String file, String content, String check, Grade grade, String cure)
            throws IOException {
        put(file, content + "\n");

        Finding finding = finding(check);

        assertThat(finding.grade()).isEqualTo(grade);
        assertThat(finding.cure()).contains(cure);
    }

    private void network(String name, String plugins) throws IOException {
        put(
                "/etc/dunnage/networks/" + name + ".conflist",
                "{\"cniVersion\":\"1.0.0\",\"name\":\"" + name + "\",\"plugins\":[" + plugins + "]}");
    }

    private void program(String path) throws IOException {
        Files.setPosixFilePermissions(put(path, ""), PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void networksOfTheSiteAreLookedAt() throws IOException {
        put(PLUGINS + "/mpi_none.so", "");
        program("/usr/lib/cni/bridge");
        program("/usr/lib/cni/host-local");
        String bridge = "{\"type\":\"bridge\",\"ipam\":{\"type\":\"host-local\"}}";
        network("lab", bridge);
        assertThat(finding("networks").text()).isEqualTo("/etc/dunnage/networks has lab");
        assertThat(finding("networks").grade()).isEqualTo(Grade.OK);

        put(
                "/etc/dunnage/policy.yaml",
                "version: 1\nrules:\n  - {name: a, mode: whitelist, keys: [8F1CDA07E78D8977D563FEC48F7375D9147D09E0],"
                        + " grant: {network: [host, lab, dmz]}}\n");
        assertThat(finding("networks").text())
                .isEqualTo("the policy grants the network 'dmz', which this node does not have");
        assertThat(finding("networks").grade()).isEqualTo(Grade.WARN);
        Files.delete(root.resolve("etc/dunnage/policy.yaml"));

        network("lab", bridge + ",{\"type\":\"tuning\"}");
        assertThat(finding("networks").text()).endsWith("there is no program /usr/lib/cni/tuning");
        put("/etc/slurm/plugstack.conf", "required /opt/spank_dunnage.so network_plugins=/opt/cni\n");
        assertThat(finding("networks").text()).endsWith("there is no program /opt/cni/bridge");
        put("/etc/slurm/plugstack.conf", "");
        network("lab", "{\"type\":\"bridge\",\"ipMasq\":true}");
        assertThat(finding("networks").cure()).isEqualTo("install iptables");
        program("/usr/sbin/iptables");
        assertThat(finding("networks").grade()).isEqualTo(Grade.OK);
        Files.setPosixFilePermissions(root.resolve("usr/lib/cni/bridge"), PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThat(finding("networks").cure())
                .isEqualTo("chown root:root /usr/lib/cni/bridge; chmod go-w /usr/lib/cni/bridge");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "lab;{;cannot be used;as JSON",
                "lab;{\"cniVersion\":\"1.0.0\",\"name\":\"lub\",\"plugins\":[]};another network;write \"name\": \"lab\"",
                "lab;{\"cniVersion\":\"9\",\"name\":\"lab\",\"plugins\":[]};cniVersion;1.1.0",
                "lab;{\"cniVersion\":\"1.0.0\",\"name\":\"lab\",\"plugins\":[]};0 plugins;1 to 16",
                "lab;{\"cniVersion\":\"1.0.0\",\"name\":\"lab\",\"plugins\":[{\"type\":\"../sh\"}]};without a type;its \"type\"",
                "Lab_1;{};named by nobody;rename it",
            })
    void aNetworkThatNoStepGetsIsAFault(String name, String content, String text, String cure) throws IOException {
        put(PLUGINS + "/mpi_none.so", "");
        put("/etc/dunnage/networks/" + name + ".conflist", content);

        assertThat(finding("networks").grade()).isEqualTo(Grade.FAIL);
        assertThat(finding("networks").text()).contains(name + ".conflist").contains(text);
        assertThat(finding("networks").cure()).contains(cure);
    }

    @Test
    void slurmsPluginMustBeNamedRequiredThereAndOfTheRelease() throws IOException {
        assumeTrue(Files.exists(SLURM), "SKIPPED: this machine has no " + SLURM);
        Path plugins = Files.createDirectories(root.resolve(PLUGINS.substring(1)));
        Files.copy(SLURM, plugins.resolve("mpi_none.so"));
        assertThat(finding("slurm").cure()).startsWith("add the line: required ");

        put("/etc/slurm/plugstack.conf", "include plugstack.conf.d/*.conf\n");
        put("/etc/slurm/plugstack.conf.d/dunnage.conf", "optional /opt/d/lib/dunnage/spank_dunnage.so a=b\n");
        assertThat(finding("slurm").cure()).contains("required instead of optional");

        put("/etc/slurm/plugstack.conf.d/dunnage.conf", "required /opt/d/lib/dunnage/spank_dunnage.so a=b\n");
        assertThat(finding("slurm").text()).contains("is not there");

        // any plugin of Slurm tells its release in the same way
        byte[] plugin = Files.readAllBytes(SLURM);
        Path ours = put("/opt/d/lib/dunnage/spank_dunnage.so", "");
        Files.write(ours, plugin);
        assertThat(finding("slurm").grade()).isEqualTo(Grade.OK);
        assertThat(finding("pmi").grade()).isEqualTo(Grade.WARN);
        assertThat(finding("policy").grade()).isEqualTo(Grade.FAIL);
        assertThat(finding("account").cure()).startsWith("useradd");
        assertThat(finding("agent").cure()).isEqualTo("systemctl start dunnage-agent");
    }
}
