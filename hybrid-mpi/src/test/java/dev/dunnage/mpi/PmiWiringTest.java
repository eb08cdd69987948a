package dev.dunnage.mpi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PmiWiringTest {

    @ParameterizedTest
    @ValueSource(strings = {"pmix", "pmix_v3", "pmix_v5"})
    void pmixNeedsItsDirectoryAndASecurityModeThatEveryImageHas(String type) {
        PmiWiring wiring = PmiWiring.forStep(Optional.of(type));

        assertThat(wiring.kind()).isEqualTo(PmiKind.PMIX);
        assertThat(wiring.bindPmixDirectory()).isTrue();
        assertThat(wiring.environment()).isEqualTo(Map.of("PMIX_MCA_psec", "native"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"pmi2", "none", "cray_shasta"})
    void othersBindNothingAndSetNothing(String type) {
        PmiWiring wiring = PmiWiring.forStep(Optional.of(type));

        assertThat(wiring.bindPmixDirectory()).isFalse();
        assertThat(wiring.environment()).isEmpty();
    }

    @Test
    void absentTypeWarnsOfLoneRanks() {
        PmiWiring wiring = PmiWiring.forStep(Optional.empty());

        assertThat(wiring.kind()).isEqualTo(PmiKind.NONE);
        assertThat(wiring.explanation()).contains("run alone").contains("--mpi=pmix");
    }

    @Test
    void unknownTypeIsNamedWithoutBreakingTheLine() {
        String hostile = "cray\n\u001b[2Jx".concat("y".repeat(500));

        String explanation = PmiWiring.forStep(Optional.of(hostile)).explanation();

        assertThat(explanation)
                .contains("'cray??[2Jx")
                .matches("[\\x20-\\x7E]+")
                .hasSizeLessThan(250);
    }

    @Test
    void knowsEachKind() {
        assertThat(PmiWiring.forStep(Optional.of("pmi2")).explanation()).startsWith("PMI2:");
        assertThat(PmiWiring.forStep(Optional.of("pmix")).explanation()).startsWith("PMIx:");
    }
}
