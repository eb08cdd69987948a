package dev.dunnage.policy;

/** How closely a rule looks at the signatures of an image. */
public enum Look {
    /** Not at all: any facts will do. */
    NOTHING,
    /** At the fingerprints that descriptors of signatures claim: {@link SignatureFacts#unverified}. */
    CLAIMS,
    /** At what verification finds. */
    VERIFICATION
}
