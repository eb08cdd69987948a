package dev.dunnage.sif;

/** Declared file system of a partition. */
public enum FileSystemKind {
    SQUASHFS(1, "Squashfs"),
    EXT3(2, "Ext3"),
    ARCHIVE(3, "Archive"),
    RAW(4, "Raw"),
    /** LUKS2 container that holds a squashfs. */
    ENCRYPTED_SQUASHFS(5, "Encrypted squashfs"),
    /** Squashfs that holds a gocryptfs directory; written by Apptainer only. */
    GOCRYPTFS_SQUASHFS(6, "Gocryptfs squashfs"),
    /** Any other code; {@link PartitionInfo#fileSystemCode()} tells which. */
    UNKNOWN(0, "Unknown");

    private final int code;
    private final String label;

    FileSystemKind(int code, String label) {
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
    public static FileSystemKind ofCode(int code) {
        for (FileSystemKind each : values()) {
            if (each.code == code) {
                return each;
            }
        }
        return UNKNOWN;
    }
}
