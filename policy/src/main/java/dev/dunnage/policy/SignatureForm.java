package dev.dunnage.policy;

/** Which signatures of an image count. Legacy ones never count together with others. */
public enum SignatureForm {
    /** Signatures over header, descriptors and contents of every object group. Those of unknown makers are passed over. */
    MODERN,
    /** As {@link #MODERN}, by OpenPGP keys; any signature of another kind spoils the image, as it does for Apptainer. */
    OPENPGP,
    /**
     * Signatures from before Singularity 3.6 over the content of the root file system alone, linked to that object. They
     * say nothing about header and descriptors.
     */
    LEGACY;

    /** Whether facts found by looking for one form tell enough for a rule that wants the other. */
    boolean answers(SignatureForm wanted) {
        return (this == LEGACY) == (wanted == LEGACY);
    }
}
