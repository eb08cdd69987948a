package dev.dunnage.mpi.bind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.dunnage.mpi.Compiler;
import dev.dunnage.mpi.facts.TreeFacts;
import dev.dunnage.mpi.facts.TreeScan;
import dev.dunnage.mpi.host.HostFacts;
import dev.dunnage.mpi.host.HostScan;
import dev.dunnage.mpi.tree.HostTree;
import dev.dunnage.mpi.tree.TreePaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** This machine's Open MPI and MPICH for images of files of this machine. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BinderTest {
    private static final String LIB = "/usr/lib/x86_64-linux-gnu/";

    private final TreePaths machine = new TreePaths(new HostTree(Path.of("/")));
    private HostFacts facts = new HostFacts(
            new TreeFacts(
                    List.of(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    List.of(),
                    List.of(),
                    java.util.Map.of(),
                    List.of(),
                    Optional.empty(),
                    List.of(),
                    List.of(),
                    true),
            List.of(),
            Optional.empty(),
            List.of());
    private Path root = Path.of("/nowhere");

    @BeforeAll
    void look() throws IOException {
        for (String name : List.of("libmpi.so.40", "libmpich.so.12")) {
            assumeTrue(Files.exists(Path.of(LIB + name)), "SKIPPED: this machine has no " + LIB + name);
        }
        facts = HostScan.of(machine, List.of());
    }

    @BeforeEach
    void start(@TempDir Path fresh) throws IOException {
        root = fresh;
        Files.createDirectories(root.resolve(LIB.substring(1)));
    }

    private void copy(String path, String place) throws IOException {
        Path target = root.resolve(place.substring(1));
        Files.createDirectories(target.getParent());
        Files.copy(Path.of(path).toRealPath(), target);
    }

    private void copy(String name) throws IOException {
        copy(LIB + name, LIB + name);
    }

    private HostLibraries bind(Optional<String> pmi) throws IOException, BindException {
        TreePaths image = new TreePaths(new HostTree(root));
        return bind(TreeScan.image(image), pmi);
    }

    private HostLibraries bind(TreeFacts has, Optional<String> pmi) throws IOException, BindException {
        return new Binder(machine, facts).mpi(new TreePaths(new HostTree(root)), has, pmi);
    }

    @Test
    void anImageWithoutMpiGetsEveryMpiAndWhatComesWithIt() throws Exception {
        copy("libc.so.6");
        HostLibraries host = bind(Optional.empty());
        assertThat(host.libraries())
                .containsKeys("libmpi.so.40", "libopen-pal.so.40", "libmpich.so.12", "libhwloc.so.15", "libz.so.1")
                .doesNotContainKeys("libc.so.6", "libm.so.6", "ld-linux-x86-64.so.2");
        assertThat(host.shims())
                .containsKeys(LIB + "libmpi.so.40", LIB + "libmpich.so.12")
                .doesNotContainKeys(LIB + "libhwloc.so.15", LIB + "libz.so.1");
        // MPICH by the name that it has elsewhere
        assertThat(host.shims().get(LIB + "libmpi.so.12")).startsWith("libmpich.so.12");
        assertThat(host.places()).contains(LIB + "openmpi/lib/openmpi3");
    }

    @Test
    void whatComponentsNeedBehindTheirOwnDirectoriesIsLoadedBeforehand() throws Exception {
        assumeTrue(Files.exists(Path.of(LIB + "libpmix.so.2")), "SKIPPED: this machine has no PMIx");
        copy("libc.so.6");
        HostLibraries host = bind(Optional.empty());
        assertThat(host.shims().get(LIB + "libmpi.so.40"))
                .startsWith("libmpi.so.40")
                .contains("libpmix.so.2")
                .doesNotContain("libmpi_mpifh.so.40");
        assertThat(host.shims().get(LIB + "libmpich.so.12")).doesNotContain("libpmix.so.2", "libopen-pal.so.40");
    }

    @Test
    void theImagesCopyIsTakenWhereItWillDo() throws Exception {
        copy("libc.so.6");
        copy("libz.so.1");
        // by its name alone it is the one that hwloc is asked for
        copy(LIB + "libz.so.1", LIB + "libhwloc.so.15");
        HostLibraries host = bind(Optional.empty());
        assertThat(host.kept()).contains("libz.so.1").doesNotContain("libhwloc.so.15");
        assertThat(host.libraries()).containsKey("libhwloc.so.15").doesNotContainKey("libz.so.1");
    }

    @Test
    void theImagesOwnLibraryGivesWayWhereverItLies() throws Exception {
        copy("libc.so.6");
        copy(LIB + "libmpi.so.40", "/opt/app/lib/libmpi.so.40.30.4");
        Files.createSymbolicLink(root.resolve("opt/app/lib/libmpi.so.40"), Path.of("libmpi.so.40.30.4"));
        HostLibraries host = bind(Optional.of("pmix"));
        assertThat(host.shims()).containsKeys("/opt/app/lib/libmpi.so.40.30.4", LIB + "libmpi.so.40");
        assertThat(host.label()).startsWith("Open MPI");
        // the image has one family, and gets that alone
        assertThat(host.libraries()).doesNotContainKey("libmpich.so.12");
    }

    @Test
    void aLauncherThatTheNodesMpiDoesNotSpeakIsRefused() throws Exception {
        copy("libc.so.6");
        copy("libmpich.so.12");
        assertThat(bind(Optional.of("pmi2")).libraries()).containsKey("libmpich.so.12");
        assertThatThrownBy(() -> bind(Optional.of("pmix")))
                .isInstanceOf(BindException.class)
                .hasMessageContaining("the MPI of the nodes cannot find its ranks through --mpi=pmix")
                .hasMessageContaining("use srun --mpi=pmi2");
    }

    @Test
    void anImageThatCannotRunTheNodesFilesIsRefused() throws Exception {
        assertThatThrownBy(() -> bind(Optional.empty())).hasMessageContaining("no C library of this processor");
        Files.createDirectories(root.resolve("lib"));
        Files.createFile(root.resolve("lib/ld-musl-x86_64.so.1"));
        assertThatThrownBy(() -> bind(Optional.empty()))
                .hasMessageContaining("musl")
                .hasMessageContaining("use --container-mpi=hybrid");
    }

    /** A program of the image that calls functions of a library by this name. */
    private void program(String name, String library, String... functions) throws Exception {
        Path made = Files.createDirectories(root.resolve("opt/app/bin"));
        Path fake = root.resolve("build").resolve(library);
        Files.createDirectories(fake.getParent());
        StringBuilder bodies = new StringBuilder();
        StringBuilder calls = new StringBuilder();
        for (String function : functions) {
            bodies.append("void ").append(function).append("(void) { }\n");
            calls.append("void ").append(function).append("(void);\n");
        }
        calls.append("int main(void) {");
        for (String function : functions) {
            calls.append(function).append("();");
        }
        Path one = Files.writeString(fake.resolveSibling("library.c"), bodies);
        Path two = Files.writeString(fake.resolveSibling("program.c"), calls.append("}\n"));
        Compiler.run("-shared", "-fPIC", "-Wl,-soname," + library, "-o", fake.toString(), one.toString());
        Compiler.run("-o", made.resolve(name).toString(), two.toString(), fake.toString());
        Files.delete(fake);
    }

    @Test
    void programsThatCallWhatTheNodesLackAreToldOrRefused() throws Exception {
        copy("libc.so.6");
        program("plain", "libmpi.so.40", "MPI_Init", "MPI_Send");
        assertThat(bind(Optional.empty()).warning()).isEmpty();
        program("newer", "libmpi.so.40", "MPI_Init", "MPI_Of_tomorrow");
        assertThat(bind(Optional.empty()).warning())
                .hasValueSatisfying(text -> assertThat(text)
                        .startsWith("/opt/app/bin/newer calls MPI_Of_tomorrow, which ")
                        .endsWith(" of the nodes lacks: use --container-mpi=hybrid for this program"));
        Files.delete(root.resolve("opt/app/bin/plain"));
        assertThatThrownBy(() -> bind(Optional.empty()))
                .isInstanceOf(BindException.class)
                .hasMessageMatching(
                        "/opt/app/bin/newer calls MPI_Of_tomorrow, which .* of the nodes lacks; use --container-mpi=hybrid");
    }

    @Test
    void whatFortranCallsCounts() throws Exception {
        assumeTrue(Files.exists(Path.of(LIB + "libmpichfort.so.12")), "SKIPPED: this machine has no Fortran of MPICH");
        copy("libc.so.6");
        copy("libmpich.so.12");
        copy("libmpichfort.so.12");
        program("fortran", "libmpichfort.so.12", "mpi_init_", "mpi_send_", "mpi_of_the_solver_");
        // the last is no function of MPI: the image's library does not have it either
        assertThat(bind(Optional.of("pmi2")).warning()).isEmpty();
    }

    @Test
    void anOlderCLibraryGivesWayWithItsWholeFamilyOrNotAtAll() throws Exception {
        copy("libc.so.6");
        TreeFacts has = TreeScan.image(new TreePaths(new HostTree(root)));
        TreeFacts older = new TreeFacts(
                has.mpi(),
                has.libc(),
                Optional.of("2.17"),
                has.pmix(),
                has.psec(),
                has.gds(),
                has.fabrics(),
                has.rdmaAbi(),
                has.verbs(),
                has.gpus(),
                has.ucxGpus(),
                has.complete());
        assertThatThrownBy(() -> bind(older, Optional.empty()))
                .hasMessageMatching(".* of the nodes needs glibc 2\\.[0-9]+, the image has 2\\.17; use .*");
        copy("libm.so.6");
        String loader = Files.exists(Path.of("/lib64/ld-linux-x86-64.so.2"))
                ? "/lib64/ld-linux-x86-64.so.2"
                : "/lib/ld-linux-aarch64.so.1";
        copy(loader, LIB + TreePaths.name(loader));
        assertThat(bind(older, Optional.empty()).glibc())
                .containsOnlyKeys(LIB + "libc.so.6", LIB + "libm.so.6", LIB + TreePaths.name(loader));
        assertThat(bind(has, Optional.empty()).glibc()).isEmpty();
    }

    @Test
    void aMachineWithoutMpiSaysSo() throws Exception {
        copy("libc.so.6");
        HostFacts none = new HostFacts(facts.tree(), List.of(), Optional.empty(), List.of());
        assertThatThrownBy(() -> new Binder(machine, none)
                        .mpi(
                                new TreePaths(new HostTree(root)),
                                TreeScan.image(new TreePaths(new HostTree(root))),
                                Optional.empty()))
                .hasMessageContaining("no MPI of this node is known");
    }

    @Test
    void networkLibrariesAloneForAnImageThatHasTheSame() throws Exception {
        assumeTrue(Files.exists(Path.of(LIB + "libucp.so.0")), "SKIPPED: this machine has no UCX");
        copy("libc.so.6");
        TreePaths image = new TreePaths(new HostTree(root));
        Binder binder = new Binder(machine, facts);
        assertThatThrownBy(() -> binder.fabric(image, TreeScan.image(image)))
                .isInstanceOf(BindException.class)
                .hasMessageContaining("no network library in common (the image has none)");
        copy("libucp.so.0");
        HostLibraries host = binder.fabric(image, TreeScan.image(image));
        assertThat(host.libraries())
                .containsKeys("libucp.so.0", "libucs.so.0", "libuct.so.0", "libucm.so.0")
                .doesNotContainKeys("libmpi.so.40", "libmpich.so.12", "libfabric.so.1", "libc.so.6");
        assertThat(host.shims()).containsOnlyKeys(LIB + "libucp.so.0");
        // beside the library, not in the way of what the image has of its own
        assertThat(host.libraries()).containsEntry("ucx", LIB + "ucx");
        assertThat(host.places()).doesNotContain(LIB + "ucx");
        // a component that another one needs
        assertThat(host.libraries()).doesNotContainKey("libuct_ib.so.0");
    }
}
