package dev.dunnage.mpi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PmiKindTest {

    @ParameterizedTest
    @CsvSource({
        "pmix, PMIX",
        "pmix_v2, PMIX",
        "pmix_v4, PMIX",
        "pmix_v5, PMIX",
        "pmix_v10, PMIX",
        "pmi2, PMI2",
        "none, NONE",
        "openmpi, NONE",
        "'', NONE",
        "cray_shasta, UNKNOWN",
        "pmix_, UNKNOWN",
        "pmix_v, UNKNOWN",
        "pmix_v4x, UNKNOWN",
        "PMIX, UNKNOWN",
        "' pmix', UNKNOWN",
        "pmi, UNKNOWN",
    })
    void classifiesSlurmsNames(String type, PmiKind expected) {
        assertThat(PmiKind.of(Optional.of(type))).isEqualTo(expected);
    }

    @Test
    void stepWithoutAnMpiTypeHasNoPmi() {
        assertThat(PmiKind.of(Optional.empty())).isEqualTo(PmiKind.NONE);
    }
}
