package dev.dunnage.mpi.facts;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpeechTest {
    private static final Speech.Voice OPEN_MPI = new Speech.Voice("Open MPI 4.1.4", Set.of("pmix"), true);
    private static final Speech.Voice MPICH = new Speech.Voice("MPICH 4.0.2", Set.of("pmi1", "pmi2"), true);

    @ParameterizedTest
    @CsvSource({
        "pmix, true",
        "pmix_v4, true",
        "pmi2, false",
        "none, true",
        "other, true",
        "mpirun-openmpi, true",
        "mpirun-hydra, false"
    })
    void openMpiNeedsPmix(String type, boolean fits) {
        assertThat(new Speech(List.of(OPEN_MPI)).objection(Optional.of(type)).isEmpty())
                .isEqualTo(fits);
    }

    @ParameterizedTest
    @CsvSource({"pmix, false", "pmi2, true", "none, true", "other, true", "mpirun-openmpi, false", "mpirun-hydra, true"
    })
    void mpichNeedsPmi2(String type, boolean fits) {
        assertThat(new Speech(List.of(MPICH)).objection(Optional.of(type)).isEmpty())
                .isEqualTo(fits);
    }

    @Test
    void theObjectionNamesCauseAndCure() {
        assertThat(new Speech(List.of(MPICH)).objection(Optional.of("pmix")))
                .contains(
                        "the MPI of the image cannot find its ranks through --mpi=pmix: MPICH 4.0.2 speaks PMI1 and PMI2;"
                                + " use srun --mpi=pmi2");
        assertThat(new Speech(List.of(OPEN_MPI)).objection(Optional.of("pmi2")))
                .contains("the MPI of the image cannot find its ranks through --mpi=pmi2: Open MPI 4.1.4 speaks PMIx;"
                        + " use srun --mpi=pmix");
    }

    @Test
    void theObjectionNamesTheMpirun() {
        assertThat(new Speech(List.of(MPICH)).objection(Optional.of("mpirun-openmpi")))
                .contains(
                        "the MPI of the image cannot find its ranks through Open MPI's mpirun: MPICH 4.0.2 speaks PMI1"
                                + " and PMI2; use the mpirun of the MPICH family");
        assertThat(new Speech(List.of(OPEN_MPI)).objection(Optional.of("mpirun-hydra")))
                .contains("the MPI of the image cannot find its ranks through an mpirun of the MPICH family: Open MPI"
                        + " 4.1.4 speaks PMIx; use Open MPI's mpirun");
    }

    @Test
    void whatIsNotCertainIsNoObjection() {
        assertThat(new Speech(List.of()).objection(Optional.of("pmix"))).isEmpty();
        assertThat(new Speech(List.of(MPICH, OPEN_MPI)).objection(Optional.of("pmix")))
                .isEmpty();
        assertThat(new Speech(List.of(new Speech.Voice("Cray MPICH", Set.of("pmi1"), false)))
                        .objection(Optional.of("pmix")))
                .isEmpty();
        assertThat(new Speech(List.of(new Speech.Voice("MPICH", Set.of(), true))).objection(Optional.of("pmix")))
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
