package dev.dunnage.sif.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.params.provider.MethodSource;

class ArmoredKeyFuzz {
    private static final Targets TARGETS = targets();

    private static Targets targets() {
        try {
            return new Targets();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @MethodSource("dev.dunnage.sif.fuzz.Seeds#armoredKey")
    @FuzzTest
    void armoredKey(byte[] content) throws Exception {
        TARGETS.armoredKey(content);
    }
}
