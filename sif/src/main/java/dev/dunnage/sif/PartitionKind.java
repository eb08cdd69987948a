package dev.dunnage.sif;

/** Role of a partition. */
public enum PartitionKind {
    SYSTEM(1, "System"),
    /** The root file system of the container. */
    PRIMARY_SYSTEM(2, "*System"),
    DATA(3, "Data"),
    OVERLAY(4, "Overlay"),
    /** Any other code; {@link PartitionInfo#kindCode()} tells which. */
    UNKNOWN(0, "Unknown");

    private final int code;
    private final String label;

    PartitionKind(int code, String label) {
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
    public static PartitionKind ofCode(int code) {
        for (PartitionKind each : values()) {
            if (each.code == code) {
                return each;
            }
        }
        return UNKNOWN;
    }
}
