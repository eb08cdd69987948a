package dev.dunnage.mpi.explain;

/** Ways to run MPI programs of an image. */
public enum Way {
    /** The image's MPI with the host's launcher. */
    HYBRID("hybrid"),
    /** The host's MPI in the image's place. */
    BIND("bind"),
    /** The image's MPI on the host's network libraries. */
    FABRIC_ONLY("fabric-only");

    private final String text;

    Way(String text) {
        this.text = text;
    }

    /** The word for users. */
    public String text() {
        return text;
    }
}
