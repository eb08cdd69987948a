package dev.dunnage.mpi.explain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequiredTransportTest {
    private static final NetworkLibraries NO_IMAGE = NetworkLibraries.ofImage(Optional.empty());
    private static final NetworkLibraries NODES =
            NetworkLibraries.ofNodes(List.of("libucp.so.0", "libibverbs.so.1", "libfabric.so.1"));

    private static String lack(Set<String> devices, String transport, NetworkLibraries libraries) {
        return new RequiredTransport(devices, OptionalInt.empty(), List.of())
                .lack(transport, libraries)
                .orElse("");
    }

    @ParameterizedTest
    @CsvSource({
        "verbs,the node has no /dev/infiniband",
        "xpmem,the node has no /dev/xpmem",
        "cxi,the node has no /dev/cxi",
        "opa,the node has no /dev/hfi1",
        "gpu,there is no GPU that may be used",
        "ucx,the node has no /dev/infiniband",
        "ucx:rc,the node has no /dev/infiniband",
        "ofi,'the node has no device of InfiniBand, Slingshot or Omni-Path'",
        "warp,'is not known; allowed are shm, cma, xpmem, verbs, ucx, ucx:rc, ucx:dc, ucx:ud, ofi, cxi, opa and gpu'",
    })
    void whatABareNodeLacksIsNamed(String transport, String lack) {
        assertThat(lack(Set.of(), transport, NODES)).startsWith(lack);
    }

    @Test
    void sharedMemoryIsAlwaysThere() {
        assertThat(lack(Set.of(), "shm", NO_IMAGE)).isEmpty();
        assertThat(lack(Set.of("/dev/xpmem"), "xpmem", NO_IMAGE)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"verbs,libibverbs", "ucx:dc,UCX", "ofi,libfabric", "cxi,libfabric"})
    void librariesAreThoseOfTheImageOrTheNodes(String transport, String library) {
        Set<String> devices = Set.of("/dev/infiniband", "/dev/cxi0");

        assertThat(lack(devices, transport, NO_IMAGE)).startsWith("the image has no " + library);
        assertThat(lack(devices, transport, NetworkLibraries.ofNodes(List.of())))
                .startsWith("the nodes' MPI has no " + library);
        assertThat(lack(devices, transport, NODES)).isEmpty();
    }

    @Test
    void aRestrictedPtraceKeepsRanksFromEachOther() {
        assertThat(new RequiredTransport(Set.of(), OptionalInt.of(1), List.of()).rule("cma", NODES))
                .returns(Rule.Outcome.FAILS, Rule::outcome)
                .returns(true, rule -> rule.text().contains("ptrace_scope is 1"));
        assertThat(new RequiredTransport(Set.of(), OptionalInt.of(0), List.of()).rule("cma", NODES))
                .returns(Rule.Outcome.HOLDS, Rule::outcome);
        assertThat(lack(Set.of(), "cma", NODES)).isEmpty();
    }

    @Test
    void oneUsableGpuIsEnough() {
        List<String> amd = List.of("/dev/kfd", "/dev/dri/renderD128");
        assertThat(new RequiredTransport(Set.of(), OptionalInt.empty(), amd).lack("gpu", NO_IMAGE))
                .isEmpty();
    }
}
