package dev.dunnage.launcher.plan;

import dev.dunnage.launcher.wire.Code;
import dev.dunnage.sif.Architecture;
import dev.dunnage.sif.DataType;
import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.PartitionKind;
import dev.dunnage.sif.SifFormatException;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifObject;
import dev.dunnage.sif.SignatureInfo;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Structure of an image with a root file system.
 *
 * @param root the partition
 */
record RootFileSystem(SifImage image, SifObject root) {
    /** Loop devices count in sectors. */
    private static final int SECTOR = 512;

    /** Above this an image is not worth to be kept in memory. */
    private static final int FEW_OBJECTS = 64;

    /** Whether the image must be able to run on this node. */
    enum Use {
        /** By Slurm. */
        RUN,
        /** By a user who may have a passphrase. */
        OPEN,
        /** By nobody. */
        TRIAL
    }

    static RootFileSystem read(ImageBytes bytes, String shownName, Use use) throws RefusedException {
        try {
            SifImage image = SifImage.read(bytes);
            switch (use) {
                case RUN -> image.checkRunnable(Architecture.host(), bytes);
                case OPEN -> image.checkOpenable(Architecture.host(), bytes);
                case TRIAL -> {}
            }
            return new RootFileSystem(image, image.primarySystem());
        } catch (SifFormatException e) {
            throw new RefusedException(Code.IMAGE_BAD, "image " + shownName + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw unreadable(shownName, e);
        }
    }

    static RefusedException unreadable(String shownName, IOException e) {
        return new RefusedException(
                Code.IMAGE_BAD,
                "image " + shownName + " cannot be read (" + e.getMessage() + "); check the file system it lies on",
                e);
    }

    boolean hasSignature() {
        return image.objects().stream().anyMatch(object -> object.type() == DataType.SIGNATURE);
    }

    /** Fingerprints that signatures claim; nothing of it is proven. */
    Set<String> claimedSigners() {
        return image.objects().stream()
                .flatMap(object -> object.signature().stream())
                .filter(SignatureInfo::namesSigner)
                .map(SignatureInfo::fingerprint)
                .collect(Collectors.toUnmodifiableSet());
    }

    boolean isEncrypted() {
        return image.encryption().isPresent();
    }

    boolean fitsLoopDevice() {
        return root.isAligned(SECTOR);
    }

    /**
     * A line for each file system of the image that other programs would lay over the root, and which is not shown: a kernel that reads
     * what users can write is no boundary.
     *
     * @param option with which its files can be laid over the root all the same
     */
    List<String> unseen(String shownName, String option) {
        return image.objects().stream()
                .filter(object -> object.partition()
                        .filter(partition -> partition.kind() == PartitionKind.OVERLAY)
                        .isPresent())
                .map(object -> "the overlay partition of image " + shownName
                        + " is not shown; take its files out ('dunnage sif dump " + object.id()
                        + " IMAGE') into a directory, and give that with " + option)
                .toList();
    }

    boolean isSmall() {
        return image.objects().size() <= FEW_OBJECTS;
    }
}
