package dev.dunnage.sif;

/**
 * Extra facts of a signature object. They are claims: nothing in them is signed.
 *
 * @param fingerprint 40 upper-case hex digits of the claimed signer's primary key, or 40 zeros when none is named
 */
public record SignatureInfo(HashKind hash, int hashCodeNumber, String fingerprint) {
    private static final String NOBODY = "0".repeat(40);

    /** Whether the descriptor names a signer at all. */
    public boolean namesSigner() {
        return !fingerprint.equals(NOBODY);
    }
}
