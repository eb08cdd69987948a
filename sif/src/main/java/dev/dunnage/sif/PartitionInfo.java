package dev.dunnage.sif;

/**
 * Extra facts of a partition.
 *
 * @param architectureCode the three bytes of the descriptor, safe to print
 */
public record PartitionInfo(
        FileSystemKind fileSystem,
        PartitionKind kind,
        Architecture architecture,
        int fileSystemCode,
        int kindCode,
        String architectureCode) {

    /** A partition of known kinds. */
    public PartitionInfo(FileSystemKind fileSystem, PartitionKind kind, Architecture architecture) {
        this(fileSystem, kind, architecture, fileSystem.code(), kind.code(), architecture.code());
    }
}
