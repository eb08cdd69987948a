package dev.dunnage.mpi.explain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dunnage.mpi.facts.GlibcVersion;
import dev.dunnage.mpi.facts.MpiFamily;
import dev.dunnage.mpi.facts.MpiLibrary;
import dev.dunnage.mpi.facts.Program;
import dev.dunnage.mpi.facts.Speech;
import dev.dunnage.mpi.facts.TreeFacts;
import dev.dunnage.mpi.facts.VerbsFacts;
import dev.dunnage.mpi.host.HostDevices;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExplainerTest {
    private static final HostDevices PLAIN =
            new HostDevices(List.of(), List.of(), List.of(), List.of(), false, OptionalInt.empty());

    private static MpiLibrary library(MpiFamily family, boolean certain, String... protocols) {
        boolean mpich = family == MpiFamily.MPICH;
        return new MpiLibrary(
                mpich ? "/usr/lib/libmpich.so.12" : "/usr/lib/libmpi.so.40",
                mpich ? "libmpich.so.12" : "libmpi.so.40",
                family,
                Optional.of(mpich ? "4.0.2" : "5.0.7"),
                Set.of(protocols),
                certain,
                List.of(),
                Optional.of("2.34"),
                List.of());
    }

    private static ImageSide image(String libc, List<Program> programs, MpiLibrary... libraries) {
        boolean glibc = !libc.equals("musl");
        TreeFacts facts = new TreeFacts(
                List.of(libraries),
                Optional.of(glibc ? "glibc" : "musl"),
                glibc ? Optional.of(libc) : Optional.empty(),
                Optional.of("5.0.7"),
                List.of("native"),
                List.of("hash"),
                Map.of("libucp.so.0", "libucp.so.0.0.0", "libibverbs.so.1", "libibverbs.so.1.14"),
                List.of("34"),
                Optional.of(new VerbsFacts(Optional.of("34"), List.of("mlx4"))),
                List.of(),
                List.of(),
                true);
        return new ImageSide(facts, programs, Map.of("/usr/lib/libmpi.so.40", Set.of("MPI_Init", "MPI_Session_init")));
    }

    private static HostSide host(String needs, Set<String> functions, String... pmi) {
        return new HostSide(
                List.of(pmi),
                Optional.of("4.2.2"),
                List.of(new HostSide.HostLibrary(
                        MpiFamily.OPEN_MPI,
                        Optional.of("4.1.4"),
                        "/usr/lib/libmpi.so.40",
                        GlibcVersion.parse(needs),
                        Optional.of(functions),
                        Optional.of(new Speech.Voice("Open MPI 4.1.4", Set.of("pmix"), true)))),
                Map.of("ucx", GlibcVersion.parse("2.34")),
                Set.of("libucp.so.0"));
    }

    private static Explanation explain(ImageSide image, HostSide host, Optional<String> pmi, long tasks) {
        return new Explainer(image, host, PLAIN, Set.of(Way.HYBRID)).explain(pmi, tasks);
    }

    private static List<Rule.Outcome> outcomes(Explanation explanation, Way way, String rule) {
        return explanation.ways().stream()
                .filter(each -> each.way() == way)
                .flatMap(each -> each.rules().stream())
                .filter(each -> each.name().equals(rule))
                .map(Rule::outcome)
                .toList();
    }

    @Test
    void theBestOfWhatTheNodesOfferIsChosen() {
        MpiLibrary mpich = library(MpiFamily.MPICH, true, "pmi1", "pmi2");

        Explanation answer =
                explain(image("2.36", List.of(), mpich), host("2.34", Set.of(), "pmix", "pmi2"), Optional.empty(), 4);

        assertThat(answer.choice()).isEqualTo("hybrid");
        assertThat(answer.pmi()).isEqualTo("pmi2");
    }

    @Test
    void aLibraryThatSpeaksAnotherPmiIsRefusedWithTheCure() {
        MpiLibrary mpich = library(MpiFamily.MPICH, true, "pmi1");

        Explanation answer = explain(
                image("2.36", List.of(), mpich), host("2.34", Set.of(), "pmix", "pmi2"), Optional.of("pmix"), 4);

        assertThat(answer.choice()).isEqualTo("refuse");
        assertThat(answer.runnable()).isFalse();
        assertThat(answer.reason()).contains("MPICH 4.0.2 speaks PMI1").contains("use srun --mpi=pmi2");
        assertThat(explain(image("2.36", List.of(), mpich), host("2.34", Set.of(), "pmix"), Optional.of("pmix"), 1)
                        .runnable())
                .isTrue();
    }

    @Test
    void whatTheNodesDoNotHaveIsNoCure() {
        MpiLibrary mpich = library(MpiFamily.MPICH, true, "pmi1");

        Explanation answer =
                explain(image("2.36", List.of(), mpich), host("2.34", Set.of(), "pmix"), Optional.empty(), 2);

        assertThat(answer.runnable()).isFalse();
        assertThat(answer.reason()).contains("which Slurm of these nodes does not have (pmix)");
    }

    @Test
    void anUncertainLibraryRuns() {
        MpiLibrary cray = library(MpiFamily.MPICH, false, "pmi1");

        Explanation answer =
                explain(image("2.36", List.of(), cray), host("2.34", Set.of(), "pmix"), Optional.of("pmix"), 2);

        assertThat(answer.runnable()).isTrue();
        assertThat(answer.reason()).contains("the guard stops");
    }

    @Test
    void imagesWithoutMpiRunAsTheyAre() {
        assertThat(explain(image("musl", List.of()), host("2.34", Set.of(), "pmix"), Optional.of("none"), 9)
                        .choice())
                .isEqualTo("none");
    }

    @ParameterizedTest
    @CsvSource({"2.31,2.36,OPEN", "2.36,2.36,HOLDS", "2.41,2.36,HOLDS", "2.9,2.17,OPEN", "musl,2.17,FAILS"})
    void theHostsLibraryMustFindItsGlibc(String image, String needs, Rule.Outcome outcome) {
        MpiLibrary open = library(MpiFamily.OPEN_MPI, true, "pmix");

        Explanation answer =
                explain(image(image, List.of(), open), host(needs, Set.of(), "pmix"), Optional.of("pmix"), 2);

        assertThat(outcomes(answer, Way.BIND, "glibc")).containsExactly(outcome);
    }

    @Test
    void earlierOnesDoNotStandInForTheSixthOpenMpi() {
        MpiLibrary five = library(MpiFamily.OPEN_MPI, true, "pmix");
        MpiLibrary six = new MpiLibrary(
                five.path(),
                five.soname(),
                five.family(),
                Optional.of("6.0.0rc2"),
                five.protocols(),
                five.certain(),
                five.fortran(),
                five.glibc(),
                List.of());
        HostSide host = host("2.36", Set.of("MPI_Init"), "pmix");

        Explanation later = explain(image("2.41", List.of(), six), host, Optional.of("pmix"), 2);
        Explanation same = explain(image("2.41", List.of(), five), host, Optional.of("pmix"), 2);

        assertThat(outcomes(later, Way.BIND, "ABI")).containsExactly(Rule.Outcome.FAILS);
        assertThat(later.ways().toString()).contains("programs for Open MPI 6.0.0rc2 of the image ask for a library");
        assertThat(outcomes(same, Way.BIND, "ABI")).containsExactly(Rule.Outcome.HOLDS);
    }

    @Test
    void aFunctionThatTheHostLacksIsNamed() {
        MpiLibrary open = library(MpiFamily.OPEN_MPI, true, "pmix");
        Program app = new Program("/opt/bin/app", Set.of("libmpi.so.40"), Set.of("MPI_Init", "MPI_Session_init"));
        ImageSide image = image("2.41", List.of(app), open);

        Explanation lacking = explain(image, host("2.36", Set.of("MPI_Init"), "pmix"), Optional.of("pmix"), 2);
        Explanation complete =
                explain(image, host("2.36", Set.of("MPI_Init", "MPI_Session_init"), "pmix"), Optional.of("pmix"), 2);

        assertThat(outcomes(lacking, Way.BIND, "symbols")).containsExactly(Rule.Outcome.FAILS);
        assertThat(lacking.ways().toString()).contains("lacks 1 (MPI_Session_init)");
        assertThat(outcomes(complete, Way.BIND, "symbols")).containsExactly(Rule.Outcome.HOLDS);
    }

    /** As a step does that brings the nodes' libraries in. */
    @Test
    void programsThatFindAllThatTheyCallCount() {
        MpiLibrary open = library(MpiFamily.OPEN_MPI, true, "pmix");
        Program later = new Program("/opt/bin/later", Set.of("libmpi.so.40"), Set.of("MPI_Init", "MPI_Session_init"));
        // the second name is no function of the image's MPI
        Program plain = new Program("/opt/bin/plain", Set.of("libmpi.so.40"), Set.of("MPI_Init", "mpi_of_the_solver_"));
        HostSide host = host("2.36", Set.of("MPI_Init"), "pmix");

        Explanation some = explain(image("2.41", List.of(later, plain), open), host, Optional.of("pmix"), 2);
        Explanation all = explain(image("2.41", List.of(plain), open), host, Optional.of("pmix"), 2);

        assertThat(outcomes(some, Way.BIND, "symbols")).containsExactly(Rule.Outcome.OPEN);
        assertThat(some.ways().toString()).contains("/opt/bin/later calls", "1 of 2 programs find all");
        assertThat(outcomes(all, Way.BIND, "symbols")).containsExactly(Rule.Outcome.HOLDS);
    }

    @ParameterizedTest
    @CsvSource({"1.2.4,OPEN", "1.2.5,HOLDS", "2.0.2,OPEN", "2.1.1,HOLDS", "3.0.0,HOLDS", "4.2.2rc2,HOLDS"})
    void oldReleasesOfPmixSpeakWithTheirOwnAlone(String version, Rule.Outcome outcome) {
        assertThat(PmixRule.of(Optional.of(version), Optional.of("4.2.2")).map(Rule::outcome))
                .contains(outcome);
    }

    private static String transport(HostDevices devices) {
        MpiLibrary open = library(MpiFamily.OPEN_MPI, true, "pmix");
        return new Explainer(
                        image("2.36", List.of(), open), host("2.34", Set.of(), "pmix"), devices, Set.of(Way.HYBRID))
                .explain(Optional.of("pmix"), 4).transport().stream()
                        .map(rule -> rule.name() + ": " + rule.text())
                        .collect(Collectors.joining("\n"));
    }

    @Test
    void theNodesLibrariesCountWhereTheirMpiStandsIn() {
        MpiLibrary open = library(MpiFamily.OPEN_MPI, true, "pmi2");
        HostDevices verbs = new HostDevices(
                List.of("uverbs0"), List.of("mlx5_0"), List.of(), List.of(), false, OptionalInt.empty());
        Explainer explainer = new Explainer(
                image("2.36", List.of(), open),
                host("2.34", Set.of(), "pmix", "pmi2"),
                verbs,
                Set.of(Way.HYBRID, Way.BIND));

        Explanation bound = explainer.explain(Optional.of("pmix"), 4);
        Explanation hybrid = explainer.explain(Optional.of("pmi2"), 4);

        assertThat(bound.choice()).isEqualTo("bind");
        assertThat(bound.transport().toString()).contains("the nodes' MPI has no libibverbs for mlx5_0");
        assertThat(explainer.libraries(bound).names()).containsExactly("libucp.so.0");
        assertThat(hybrid.choice()).isEqualTo("hybrid");
        assertThat(hybrid.transport().toString()).contains("no driver mlx5 for adapter mlx5_0");
        assertThat(explainer.libraries(hybrid).names()).containsExactlyInAnyOrder("libucp.so.0", "libibverbs.so.1");
    }

    @Test
    void theForecastNamesItsCauses() {
        assertThat(transport(PLAIN)).contains("single copy (CMA)").contains("TCP, because /dev/infiniband is absent");
        assertThat(transport(
                        new HostDevices(List.of(), List.of(), List.of("cxi0"), List.of(), true, OptionalInt.of(1))))
                .contains("XPMEM")
                .contains("Slingshot needs libfabric");
        assertThat(transport(new HostDevices(
                        List.of("uverbs0"), List.of("mlx5_0"), List.of(), List.of(), false, OptionalInt.of(1))))
                .contains("ptrace_scope is 1")
                .contains("verbs on mlx5_0")
                .contains("no driver mlx5 for adapter mlx5_0");
    }

    @ParameterizedTest
    @CsvSource({
        "cuda,'',HOLDS,Open MPI 5.0.7 of the image can send from memory of cuda",
        "'',cuda,HOLDS,UCX of the image has components for memory of cuda",
        "rocm,level-zero,OPEN,no MPI that was built for it",
    })
    void tellsWhetherMessagesCanComeFromTheMemoryOfAGpu(String library, String ucx, Rule.Outcome outcome, String told) {
        MpiLibrary plain = library(MpiFamily.OPEN_MPI, true, "pmix");
        MpiLibrary aware = new MpiLibrary(
                plain.path(),
                plain.soname(),
                plain.family(),
                plain.version(),
                plain.protocols(),
                plain.certain(),
                plain.fortran(),
                plain.glibc(),
                library.isEmpty() ? List.of() : List.of(library));
        ImageSide without = image("2.36", List.of(), aware);
        TreeFacts facts = without.facts();
        TreeFacts with = new TreeFacts(
                facts.mpi(),
                facts.libc(),
                facts.libcVersion(),
                facts.pmix(),
                facts.psec(),
                facts.gds(),
                facts.fabrics(),
                facts.rdmaAbi(),
                facts.verbs(),
                List.of("cuda"),
                ucx.isEmpty() ? List.of() : List.of(ucx),
                true);
        HostSide host = host("2.34", Set.of(), "pmix");

        assertThat(explain(without, host, Optional.of("pmix"), 2).transport())
                .noneMatch(rule -> rule.name().equals("GPU memory"));
        assertThat(explain(new ImageSide(with, List.of(), Map.of()), host, Optional.of("pmix"), 2)
                        .transport())
                .filteredOn(rule -> rule.name().equals("GPU memory"))
                .singleElement()
                .satisfies(rule -> assertThat(rule.outcome()).isEqualTo(outcome))
                .satisfies(rule -> assertThat(rule.text()).contains(told));
    }
}
