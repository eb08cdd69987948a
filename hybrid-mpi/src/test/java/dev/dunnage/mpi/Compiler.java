package dev.dunnage.mpi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;

/** This machine's compiler of C, for programs and libraries that tests make. */
public final class Compiler {
    private Compiler() {}

    /** Runs it; what it has to say is seen in the output of the tests. */
    public static void run(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("cc"));
        command.addAll(List.of(arguments));
        Process cc = new ProcessBuilder(command).inheritIO().start();
        assertThat(cc.waitFor()).isZero();
    }
}
