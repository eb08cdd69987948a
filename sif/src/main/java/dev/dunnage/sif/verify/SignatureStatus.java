package dev.dunnage.sif.verify;

/** What is known about one signature object. Everything but GOOD and LEGACY makes the image fail. */
public enum SignatureStatus {
    /** Made by a usable key of the ring, and everything it states holds for this image. */
    GOOD,
    /** The claimed signer is not in the ring. */
    UNKNOWN_KEY,
    /** Good text, but the key has expired. */
    EXPIRED_KEY,
    /** Good text, but the key is revoked. */
    REVOKED_KEY,
    /** Good text, but the key must not sign. */
    NOT_FOR_SIGNING,
    /** Made by a key other than the claimed one. */
    OTHER_KEY,
    /** The signed text or the signature itself was changed. */
    BAD,
    /** Not readable as a signature. */
    MALFORMED,
    /** Hash or key too weak. */
    WEAK,
    /** Good text, but the signature itself has expired. */
    EXPIRED_SIGNATURE,
    /** Dated in the future, or before its key existed. */
    WRONG_TIME,
    /** Good text, but header, descriptors or contents of the image are not those that were signed. */
    IMAGE_CHANGED,
    /** Good text, but it does not cover exactly the objects of the group. */
    OTHER_OBJECTS,
    /** Linked to nothing that a signature can cover. */
    UNLINKED,
    /** A form of signature that cannot be checked with the keys at hand. */
    UNSUPPORTED,
    /** Form used before Singularity 3.6, which covers less; never counts here. */
    LEGACY;

    /**
     * Whether such a signature tells nothing about the image, so that whoever has better ones may pass it over. The
     * others are evidence against the image, or cannot be told from it.
     */
    public boolean provesNothing() {
        return switch (this) {
            case UNKNOWN_KEY,
                    EXPIRED_KEY,
                    REVOKED_KEY,
                    NOT_FOR_SIGNING,
                    BAD,
                    WEAK,
                    EXPIRED_SIGNATURE,
                    WRONG_TIME,
                    UNLINKED,
                    UNSUPPORTED,
                    LEGACY -> true;
            case GOOD, OTHER_KEY, MALFORMED, IMAGE_CHANGED, OTHER_OBJECTS -> false;
        };
    }
}
