package dev.dunnage.mpi.facts;

import java.util.Optional;

/** Kinds of MPI libraries; those of one kind can stand in for each other. */
public enum MpiFamily {
    /** Open MPI: {@code libmpi.so.40}. */
    OPEN_MPI("Open MPI"),
    /** MPICH and what keeps to its ABI, such as Intel MPI and MVAPICH: {@code libmpi.so.12}, in Debian {@code libmpich.so.12}. */
    MPICH("MPICH"),
    /** Cray MPICH, by names of its own. */
    CRAY("Cray MPICH"),
    /** The ABI of MPI 5: {@code libmpi_abi.so.1}. */
    STANDARD("MPI standard ABI"),
    /** A library with MPI in its name and of no known kind. */
    UNKNOWN("unknown MPI");

    private final String label;

    MpiFamily(String label) {
        this.label = label;
    }

    /** Name for users. */
    public String label() {
        return label;
    }

    /** Name for users of one release; empty when that is not known. */
    public String label(Optional<String> version) {
        return label + version.map(text -> " " + text).orElse("");
    }

    /** The family whose ABI it keeps to: Cray's library keeps to that of MPICH. */
    public MpiFamily abi() {
        return this == CRAY ? MPICH : this;
    }

    /**
     * Whether a library of this family can stand in for another, as far as families and versions tell: programs of Open MPI 6 ask
     * for a library, beside {@code libmpi.so.40}, that earlier ones do not have.
     *
     * @param own version of the library of this family
     * @param other family of the library that programs were built with
     * @param built its version
     */
    public boolean standsFor(Optional<String> own, MpiFamily other, Optional<String> built) {
        return abi() == other.abi() && (this != OPEN_MPI || !isSixth(built) || isSixth(own));
    }

    private static boolean isSixth(Optional<String> version) {
        return version.filter(text -> !text.startsWith("4.") && !text.startsWith("5."))
                .isPresent();
    }
}
