package dev.dunnage.sif;

/** Numbers of the file format, for readers and writers. All values are little-endian; lengths in bytes. */
public final class SifLayout {
    /** Length of the global header. */
    public static final int HEADER_SIZE = 128;
    /** Length of one descriptor. */
    public static final int DESCRIPTOR_SIZE = 585;
    /** Offset of the used flag inside a descriptor. */
    public static final int USED_FLAG = 4;
    /** Most descriptors that are read. */
    public static final int MAX_DESCRIPTORS = 65536;
    /** Launch script that both runtimes write. */
    public static final String LAUNCH_SCRIPT = "#!/usr/bin/env run-singularity\n";
    /** Set in every group value, and in links to groups. */
    public static final int GROUP_MASK = 0xF0000000;
    /** Creation time in deterministic images: the year 1, in Unix seconds. */
    public static final long NO_TIME = -62135596800L;
    /** Largest metadata object that is read into memory. */
    public static final int MAX_METADATA = 16 << 20;

    /** Descriptors that writers make room for. */
    public static final int USUAL_DESCRIPTORS = 48;
    /** Where writers put the descriptor table. */
    public static final int USUAL_TABLE_OFFSET = 4096;
    /** What writers align partitions to. */
    public static final int PARTITION_ALIGNMENT = 4096;
    /** Room for the launch script; one byte of it stays NUL. */
    public static final int LAUNCH_SIZE = 32;
    /** Room for an object's name. */
    public static final int NAME_SIZE = 128;
    /** Largest group number, and largest id that a link can hold. */
    public static final int MAX_NUMBER = 0x0FFFFFFF;

    static final byte[] MAGIC = {'S', 'I', 'F', '_', 'M', 'A', 'G', 'I', 'C', 0};
    static final byte[] VERSION = {'0', '1', 0};
    static final int EXTRA_SIZE = 384;
    static final int OCI_DIGEST_SIZE = 128;

    private SifLayout() {}
}
