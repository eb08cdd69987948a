package dev.dunnage.mpi.facts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dunnage.mpi.PmiKind;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpeechTest {
    private static final Speech.Voice OPEN_MPI = new Speech.Voice("Open MPI 4.1.4", Set.of("pmix"), true);
    private static final Speech.Voice MPICH = new Speech.Voice("MPICH 4.0.2", Set.of("pmi1", "pmi2"), true);

    @ParameterizedTest
    @CsvSource({"PMIX, true", "PMI2, false", "NONE, true", "UNKNOWN, true"})
    void openMpiNeedsPmix(PmiKind kind, boolean fits) {
        assertThat(new Speech(List.of(OPEN_MPI)).objection(kind).isEmpty()).isEqualTo(fits);
    }

    @ParameterizedTest
    @CsvSource({"PMIX, false", "PMI2, true", "NONE, true", "UNKNOWN, true"})
    void mpichNeedsPmi2(PmiKind kind, boolean fits) {
        assertThat(new Speech(List.of(MPICH)).objection(kind).isEmpty()).isEqualTo(fits);
    }

    @Test
    void theObjectionNamesCauseAndCure() {
        assertThat(new Speech(List.of(MPICH)).objection(PmiKind.PMIX))
                .contains(
                        "the MPI of the image cannot find its ranks through --mpi=pmix: MPICH 4.0.2 speaks PMI1 and PMI2;"
                                + " use srun --mpi=pmi2");
        assertThat(new Speech(List.of(OPEN_MPI)).objection(PmiKind.PMI2))
                .contains("the MPI of the image cannot find its ranks through --mpi=pmi2: Open MPI 4.1.4 speaks PMIx;"
                        + " use srun --mpi=pmix");
    }

    @Test
    void whatIsNotCertainIsNoObjection() {
        assertThat(new Speech(List.of()).objection(PmiKind.PMIX)).isEmpty();
        assertThat(new Speech(List.of(MPICH, OPEN_MPI)).objection(PmiKind.PMIX)).isEmpty();
        assertThat(new Speech(List.of(new Speech.Voice("Cray MPICH", Set.of("pmi1"), false))).objection(PmiKind.PMIX))
                .isEmpty();
        assertThat(new Speech(List.of(new Speech.Voice("MPICH", Set.of(), true))).objection(PmiKind.PMIX))
                .isEmpty();
    }

    @Test
    void comesBackFromItsText() {
        for (Speech speech : List.of(new Speech(List.of()), new Speech(List.of(OPEN_MPI, MPICH)))) {
            assertThat(Speech.parse(speech.text())).contains(speech);
        }
        String text = new Speech(List.of(OPEN_MPI)).text();
        for (int end = 0; end < text.length(); end++) {
            assertThat(Speech.parse(text.substring(0, end))).isEmpty();
        }
    }
}
