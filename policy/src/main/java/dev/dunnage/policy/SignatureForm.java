package dev.dunnage.policy;

/** Which signatures of an image count. The two never count together. */
public enum SignatureForm {
    /** Signatures over header, descriptors and contents of every object group. */
    MODERN,
    /**
     * Signatures from before Singularity 3.6 over the content of the root file system alone, linked to that object. They
     * say nothing about header and descriptors.
     */
    LEGACY
}
