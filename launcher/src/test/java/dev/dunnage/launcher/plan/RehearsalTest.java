package dev.dunnage.launcher.plan;

import static org.assertj.core.api.Assertions.assertThatCode;

import org.junit.jupiter.api.Test;

class RehearsalTest {
    @Test
    void itPlansAndVerifies() {
        assertThatCode(Rehearsal::run).doesNotThrowAnyException();
    }
}
