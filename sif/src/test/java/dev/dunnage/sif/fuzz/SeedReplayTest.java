package dev.dunnage.sif.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every seed, and every input that once broke something, through the fuzz targets; without the fuzzer and its agent. */
class SeedReplayTest {
    private final Targets targets = new Targets();

    SeedReplayTest() throws Exception {}

    @Test
    void seedsAreThere() {
        for (Stream<byte[]> each :
                java.util.List.of(Seeds.sif(), Seeds.signatureObject(), Seeds.armoredKey(), Seeds.dsse())) {
            assertThat(each.filter(seed -> seed.length > 0)).isNotEmpty();
        }
    }

    @ParameterizedTest(name = "{index}")
    @MethodSource("dev.dunnage.sif.fuzz.Seeds#sif")
    void sif(byte[] seed) throws Exception {
        targets.sif(seed);
    }

    @ParameterizedTest(name = "{index}")
    @MethodSource("dev.dunnage.sif.fuzz.Seeds#signatureObject")
    void signatureObject(byte[] seed) throws Exception {
        targets.signatureObject(seed);
    }

    @ParameterizedTest(name = "{index}")
    @MethodSource("dev.dunnage.sif.fuzz.Seeds#armoredKey")
    void armoredKey(byte[] seed) throws Exception {
        targets.armoredKey(seed);
    }

    @ParameterizedTest(name = "{index}")
    @MethodSource("dev.dunnage.sif.fuzz.Seeds#dsse")
    void dsse(byte[] seed) {
        targets.dsse(seed);
    }
}
