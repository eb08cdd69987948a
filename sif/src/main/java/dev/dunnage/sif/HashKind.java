package dev.dunnage.sif;

/** Hash named in the descriptor of a signature; modern PGP signatures do not depend on it. */
public enum HashKind {
    SHA256(1, "SHA-256"),
    SHA384(2, "SHA-384"),
    SHA512(3, "SHA-512"),
    BLAKE2S_256(4, "BLAKE2s-256"),
    BLAKE2B_256(5, "BLAKE2b-256"),
    /** Any other code. */
    UNKNOWN(0, "Unknown");

    private final int code;
    private final String label;

    HashKind(int code, String label) {
        this.code = code;
        this.label = label;
    }

    /** The number in the descriptor. */
    public int code() {
        return code;
    }

    /** The name in listings. */
    public String label() {
        return label;
    }

    /** The member with this number; {@link #UNKNOWN} for any other one. */
    public static HashKind ofCode(int code) {
        for (HashKind each : values()) {
            if (each.code == code) {
                return each;
            }
        }
        return UNKNOWN;
    }
}
