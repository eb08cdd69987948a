package dev.dunnage.mpi.facts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.dunnage.mpi.tree.HostTree;
import dev.dunnage.mpi.tree.TreePaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
}
