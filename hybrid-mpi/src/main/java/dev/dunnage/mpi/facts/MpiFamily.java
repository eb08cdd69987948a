package dev.dunnage.mpi.facts;

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
}
