package dev.dunnage.mpi.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.dunnage.mpi.facts.MpiFamily;
import dev.dunnage.mpi.tree.HostTree;
import dev.dunnage.mpi.tree.TreePaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostScanTest {
    private static final String LIB = "/usr/lib/x86_64-linux-gnu/";

    @TempDir
    Path root;

    private void take(String path) throws IOException {
        Path real = Path.of(path);
        assumeTrue(Files.exists(real), "SKIPPED: this machine has no " + path);
        Path target = root.resolve(path.substring(1));
        Files.createDirectories(target.getParent());
        Files.copy(real.toRealPath(), target);
    }

    private void put(String path, String content) throws IOException {
        Path file = root.resolve(path.substring(1));
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private HostFacts facts() throws IOException {
        put("/proc/cpuinfo", "flags\t\t: fpu\n");
        return HostScan.of(new TreePaths(new HostTree(root)), List.of());
    }

    @Test
    void findsOpenMpiWithItsComponentsAndWhatTheyNeed() throws IOException {
        take(LIB + "libmpi.so.40");
        take(LIB + "libopen-pal.so.40");
        take(LIB + "libopen-rte.so.40");
        take(LIB + "openmpi/lib/openmpi3/mca_pmix_ext3x.so");
        put("/usr/bin/orterun", "");
        put("/usr/bin/mpiexec.hydra", "");

        HostFacts facts = facts();

        HostMpi mpi = facts.installations().get(0);
        assertThat(mpi.library().family()).isEqualTo(MpiFamily.OPEN_MPI);
        assertThat(mpi.launchers()).containsExactly("/usr/bin/orterun");
        ClosedSet set = facts.sets().get(0);
        assertThat(set.name()).isEqualTo("openmpi");
        assertThat(set.directory()).isEqualTo(LIB + "openmpi/lib/openmpi3");
        assertThat(set.components()).isEqualTo(1);
        assertThat(set.libraries()).anyMatch(path -> path.endsWith("/libopen-pal.so.40"));
        assertThat(set.glibc()).isPresent();
        // the tree has no libevent: what the loader would miss is told
        assertThat(set.missing()).anyMatch(name -> name.startsWith("libevent"));
        assertThat(facts.slurm()).isEmpty();
    }

    @Test
    void slurmsPluginsAreFoundWhereItsConfigurationSays() throws IOException {
        put("/etc/slurm/slurm.conf", "ClusterName=c\nPluginDir=/opt/site/slurm\n");
        for (String name : List.of("mpi_pmix.so", "mpi_pmix_v5.so", "mpi_pmi2.so", "mpi_none.so", "auth_munge.so")) {
            put("/opt/site/slurm/" + name, "");
        }

        assertThat(facts().slurm())
                .isEqualTo(Optional.of(new SlurmPmi("/opt/site/slurm", List.of("pmi2", "pmix", "pmix_v5"))));
    }

    @Test
    void devicesAreTold() throws IOException {
        put("/dev/infiniband/uverbs0", "");
        put("/dev/infiniband/rdma_cm", "");
        put("/dev/cxi0", "");
        put("/dev/xpmem", "");
        put("/sys/class/infiniband/mlx5_0/node_type", "");
        put("/proc/sys/kernel/yama/ptrace_scope", "1\n");

        assertThat(HostDevices.of(new TreePaths(new HostTree(root))))
                .isEqualTo(new HostDevices(
                        List.of("uverbs0"), List.of("mlx5_0"), List.of("cxi0"), List.of(), true, OptionalInt.of(1)));
    }
}
