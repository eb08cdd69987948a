package dev.dunnage.sif.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.params.provider.MethodSource;

class SignatureObjectFuzz {
    private static final Targets TARGETS = targets();

    private static Targets targets() {
        try {
            return new Targets();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @MethodSource("dev.dunnage.sif.fuzz.Seeds#signatureObject")
    @FuzzTest
    void signatureObject(byte[] content) throws Exception {
        TARGETS.signatureObject(content);
    }
}
