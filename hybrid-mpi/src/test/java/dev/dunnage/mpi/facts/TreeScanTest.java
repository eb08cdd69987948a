package dev.dunnage.mpi.facts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.dunnage.mpi.Compiler;
import dev.dunnage.mpi.tree.HostTree;
import dev.dunnage.mpi.tree.TreePaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Looks through trees that are made of this machine's own libraries. */
class TreeScanTest {
    private static final Path LIBRARIES = Path.of("/usr/lib/x86_64-linux-gnu");

    @TempDir
    Path root;

    private void take(String name) throws IOException {
        Path real = LIBRARIES.resolve(name);
        assumeTrue(Files.exists(real), "SKIPPED: this machine has no " + real);
        Path directory = Files.createDirectories(root.resolve("opt/mpi/lib"));
        Path file = directory.resolve(real.toRealPath().getFileName());
        Files.copy(real.toRealPath(), file);
        Path link = directory.resolve(Path.of(name).getFileName());
        if (!link.equals(file)) {
            Files.createSymbolicLink(link, file.getFileName());
        }
    }

    private TreeFacts facts() throws IOException {
        return TreeScan.image(new TreePaths(new HostTree(root)));
    }

    @Test
    void findsOpenMpiWithItsComponents() throws IOException {
        take("libmpi.so.40");
        take("libopen-pal.so.40");
        take("openmpi/lib/openmpi3/mca_pmix_ext3x.so");
        take("pmix2/lib/libpmix.so.2");
        take("libc.so.6");

        TreeFacts facts = facts();

        assertThat(facts.mpi()).hasSize(1);
        MpiLibrary library = facts.mpi().get(0);
        assertThat(library.family()).isEqualTo(MpiFamily.OPEN_MPI);
        assertThat(library.soname()).isEqualTo("libmpi.so.40");
        assertThat(library.protocols()).containsExactly("pmix");
        assertThat(library.version().orElse("")).startsWith("4.");
        assertThat(facts.libc()).contains("glibc");
        assertThat(facts.psec()).contains("native");
        assertThat(facts.gds()).contains("hash");
        assertThat(facts.speech().voices()).hasSize(1);
    }

    @Test
    void findsMpichByTheNameThatDebianGivesIt() throws IOException {
        take("libmpich.so.12");

        MpiLibrary library = facts().mpi().get(0);

        assertThat(library.family()).isEqualTo(MpiFamily.MPICH);
        assertThat(library.protocols()).contains("pmi1").doesNotContain("pmix");
        assertThat(library.version()).isPresent();
        assertThat(library.certain()).isTrue();
    }

    @Test
    void whatIsNamedSoAndIsNotSoIsNoMpi() throws IOException {
        Path lib = Files.createDirectories(root.resolve("usr/lib"));
        Files.writeString(lib.resolve("libmpi.so.40"), "no library");
        Files.createSymbolicLink(lib.resolve("libmpich.so.12"), Path.of("libmpich.so.12"));
        Files.writeString(lib.resolve("ld-musl-x86_64.so.1"), "");

        TreeFacts facts = facts();

        assertThat(facts.mpi()).isEmpty();
        assertThat(facts.libc()).contains("musl");
        assertThat(facts.complete()).isTrue();
    }

    @Test
    void findsOutWhoseMemoryOpenMpiCanSendFrom() throws IOException {
        take("libmpi.so.40");
        assertThat(facts().mpi().get(0).gpus()).isEmpty();

        // a copy under the names that its library and component for GPUs have
        Path lib = root.resolve("opt/mpi/lib");
        Files.copy(lib.resolve("libmpi.so.40"), lib.resolve("libmca_common_cuda.so.40"));
        Files.copy(lib.resolve("libmpi.so.40"), lib.resolve("mca_accelerator_rocm.so"));
        Files.copy(
                lib.resolve("libmpi.so.40"),
                Files.createDirectories(lib.resolve("ucx")).resolve("libuct_ze.so.0"));

        assertThat(facts().mpi().get(0).gpus()).containsExactly("cuda", "rocm");
        assertThat(facts().ucxGpus()).containsExactly("level-zero");
    }

    @ParameterizedTest
    @CsvSource({
        "libmpich.so.12, yaksuri_hip_init_hook, '', rocm",
        "libmpich.so.12, nothing, libcudart.so.12, cuda",
        "libmpich.so.12, nothing, libcuda_of_ours.so.1, ''",
        "libopen-pal.so.80, mca_accelerator_ze_component, '', level-zero",
        "libopen-pal.so.80, mca_accelerator_null_component, '', ''",
    })
    void findsItInTheLibrariesToo(String soname, String text, String needed, String expected) throws Exception {
        Path lib = Files.createDirectories(root.resolve("usr/lib"));
        boolean open = soname.contains("pal");
        compile(lib, soname, "const char text[] = \"" + text + "\"; int MPI_Init(void) { return text[0]; }", needed);
        if (open) {
            compile(lib, "libmpi.so.40", "int ompi_mpi_comm_world; int MPI_Init(void) { return 0; }", "");
        }

        MpiLibrary library = facts().mpi().get(0);

        assertThat(library.family()).isEqualTo(open ? MpiFamily.OPEN_MPI : MpiFamily.MPICH);
        assertThat(String.join(" ", library.gpus())).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"\\0004.0.0rc3\\000, 4.0.0rc3", "\\0003.2.3\\000 OpenPMIx 4.2.9, 4.2.9", "\\00013.2.3\\000, ''"})
    void findsEarlierReleasesOfPmixToo(String text, String version) throws Exception {
        Path lib = Files.createDirectories(root.resolve("usr/lib"));
        compile(
                lib,
                "libpmix.so.2",
                "const char text[] = \"x" + text + "\"; int PMIx_Init(void) { return text[0]; }",
                "");
        Files.copy(
                lib.resolve("libpmix.so.2"),
                Files.createDirectories(lib.resolve("pmix")).resolve("mca_gds_ds12.so"));

        TreeFacts facts = facts();

        assertThat(facts.pmix().orElse("")).isEqualTo(version);
        assertThat(facts.gds()).containsExactly("ds12");
    }

    private void compile(Path lib, String soname, String source, String needed) throws Exception {
        Path file = Files.writeString(
                Files.createDirectories(root.resolve("elsewhere")).resolve("library.c"), source);
        List<String> arguments = new ArrayList<>(List.of(
                "-shared",
                "-fPIC",
                "-nostdlib",
                "-Wl,-soname," + soname,
                "-o",
                lib.resolve(soname).toString()));
        arguments.add(file.toString());
        if (!needed.isEmpty()) {
            Path runtime = Files.createDirectories(root.resolve("elsewhere/lib"));
            compile(runtime, needed, "int runtime;", "");
            Files.writeString(file, source);
            arguments.addAll(
                    List.of("-Wl,--no-as-needed", runtime.resolve(needed).toString()));
        }
        Compiler.run(arguments.toArray(new String[0]));
    }
}
