package dev.dunnage.mpi.facts;

import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/**
 * A program that uses MPI.
 *
 * @param libraries MPI libraries that it asks for by name
 * @param functions what of MPI it calls
 */
public record Program(String path, Set<String> libraries, Set<String> functions) {

    /** Sorts the sets. */
    public Program {
        libraries = Collections.unmodifiableSet(new TreeSet<>(libraries));
        functions = Collections.unmodifiableSet(new TreeSet<>(functions));
    }
}
