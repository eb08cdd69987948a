package dev.dunnage.sif;

/** What a data object holds. */
public enum DataType {
    DEFINITION_FILE(0x4001, "Def.FILE"),
    ENVIRONMENT(0x4002, "Env.Vars"),
    LABELS(0x4003, "JSON.Labels"),
    PARTITION(0x4004, "FS"),
    SIGNATURE(0x4005, "Signature"),
    GENERIC_JSON(0x4006, "JSON.Generic"),
    GENERIC(0x4007, "Generic/Raw"),
    CRYPTO_MESSAGE(0x4008, "Cryptographic Message"),
    SBOM(0x4009, "SBOM"),
    OCI_ROOT_INDEX(0x400A, "OCI.RootIndex"),
    OCI_BLOB(0x400B, "OCI.Blob"),
    /** Any other code; {@link SifObject#typeCode()} tells which. */
    UNKNOWN(0, "Unknown");

    private final int code;
    private final String label;

    DataType(int code, String label) {
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
    public static DataType ofCode(int code) {
        for (DataType each : values()) {
            if (each.code == code) {
                return each;
            }
        }
        return UNKNOWN;
    }
}
