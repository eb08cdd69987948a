package dev.dunnage.sif;

import java.io.IOException;
import java.util.Set;

/** Whether the root file system of an image can be used on a host. */
final class RunnableCheck {
    private final SifObject root;
    private final PartitionInfo partition;

    RunnableCheck(SifObject root) {
        this.root = root;
        this.partition = root.partition().orElseThrow();
    }

    void run(Architecture host, ImageBytes bytes, Set<FileSystemKind> runnable) throws IOException, SifFormatException {
        if (!runnable.contains(partition.fileSystem())) {
            throw new SifFormatException(
                    "root file system",
                    "%s (code %d)".formatted(partition.fileSystem().label(), partition.fileSystemCode()),
                    "Squashfs",
                    root.descriptor() + 201,
                    remedy());
        }
        if (!host.runs(partition.architecture())) {
            throw new SifFormatException(
                    "architecture of the root file system",
                    "%s (code %s)".formatted(partition.architecture().label(), partition.architectureCode()),
                    host.label(),
                    root.descriptor() + 209,
                    "build the image for this host, or ask for nodes of its architecture");
        }
        Squashfs.read(bytes, root.offset(), root.size());
    }

    private String remedy() {
        return switch (partition.fileSystem()) {
            case ENCRYPTED_SQUASHFS ->
                "LUKS takes root's device mapper, and root opens no file that a user can change; encrypt the image with"
                        + " gocryptfs, as apptainer build --encrypt does for users without root";
            case GOCRYPTFS_SQUASHFS ->
                "only who has its passphrase can start it, without root: dunnage exec --passphrase, in a job too";
            default -> "build the image anew with Apptainer or SingularityCE, which make a squashfs root";
        };
    }
}
