package dev.dunnage.mpi;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PlainTextTest {
    @Test
    void whatIsNoPrintableAsciiIsMarked() {
        assertThat(PlainText.of("Open MPI 4.1.4")).isEqualTo("Open MPI 4.1.4");
        assertThat(PlainText.of("a\n\u001b[2Jé")).isEqualTo("a??[2J?");
    }

    @Test
    void longTextsAreCut() {
        assertThat(PlainText.of("x".repeat(64))).hasSize(64);
        assertThat(PlainText.of("x".repeat(65))).isEqualTo("x".repeat(64) + "...");
    }
}
