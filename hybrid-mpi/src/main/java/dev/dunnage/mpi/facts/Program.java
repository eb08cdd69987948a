package dev.dunnage.mpi.facts;

import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

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

    /**
     * What it calls and would not find.
     *
     * @param offered what of MPI the libraries offer that it would get
     * @param own what the libraries of its image offer, since a name like one of MPI's may be another library's; empty when that is
     *     not known
     */
    public Set<String> lacks(Set<String> offered, Set<String> own) {
        return functions.stream()
                .filter(name -> !offered.contains(name))
                .filter(name -> own.isEmpty() ? name.contains("MPI_") : own.contains(name))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
