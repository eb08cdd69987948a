package dev.dunnage.launcher.plan;

import dev.dunnage.launcher.wire.Code;
import dev.dunnage.sif.Architecture;
import dev.dunnage.sif.DataType;
import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifFormatException;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifObject;
import java.io.IOException;

/**
 * An image whose root file system can run on this node.
 *
 * @param image its structure
 * @param bytes what it was read from
 * @param root the partition
 */
record RootFileSystem(SifImage image, ImageBytes bytes, SifObject root) {
    /** Loop devices count in sectors. */
    private static final int SECTOR = 512;

    static RootFileSystem read(ImageBytes bytes, String shownName) throws RefusedException {
        try {
            SifImage image = SifImage.read(bytes);
            image.checkRunnable(Architecture.host(), bytes);
            return new RootFileSystem(image, bytes, image.primarySystem());
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

    boolean fitsLoopDevice() {
        return root.isAligned(SECTOR);
    }
}
