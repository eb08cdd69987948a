package dev.dunnage.sif.write;

import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.PartitionKind;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifLayout;
import dev.dunnage.sif.SifObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.Arrays;

/**
 * Makes another partition of an open image the primary one. The old one is demoted first: after a crash in between the
 * image has no root file system and does not run, while with two of them nobody could read it any more.
 */
final class Promotion {
    private static final int MODIFIED = 49;
    private static final int KIND = 205;
    private static final int ARCHITECTURE = 209;

    private final FileChannel file;
    private final SifImage image;
    private final Patch patch;
    private final long time;

    Promotion(FileChannel file, SifImage image, long time) {
        this.file = file;
        this.image = image;
        this.patch = new Patch(file, image);
        this.time = time;
    }

    void run(SifObject object) throws IOException {
        for (SifObject each : image.objects()) {
            if (each.isPrimarySystem()) {
                change(each, PartitionKind.SYSTEM);
            }
        }
        byte[] descriptor = change(object, PartitionKind.PRIMARY_SYSTEM);
        patch.header()
                .modified(time)
                .architecture(Arrays.copyOfRange(descriptor, ARCHITECTURE, ARCHITECTURE + 3))
                .write();
    }

    private byte[] change(SifObject object, PartitionKind kind) throws IOException {
        long position = patch.slot(object.slot());
        byte[] descriptor = ImageBytes.of(file).bytes(position, SifLayout.DESCRIPTOR_SIZE);
        ByteBuffer.wrap(descriptor)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(MODIFIED, time)
                .putInt(KIND, kind.code());
        patch.write(descriptor, position);
        return descriptor;
    }
}
