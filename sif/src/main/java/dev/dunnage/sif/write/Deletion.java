package dev.dunnage.sif.write;

import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifLayout;
import dev.dunnage.sif.SifObject;
import dev.dunnage.sif.write.SifEditor.DeleteOption;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Set;

/**
 * Deletes one object of an open image. Zeros go to disk first, so that a crash cannot leave bytes that nothing points
 * to; then the used flag, in one byte; then everything else, on which no reader depends.
 */
final class Deletion {
    private static final int BUFFER = 1 << 20;

    private final FileChannel file;
    private final SifImage image;
    private final Patch patch;
    private final long time;

    Deletion(FileChannel file, SifImage image, long time) {
        this.file = file;
        this.image = image;
        this.patch = new Patch(file, image);
        this.time = time;
    }

    void run(SifObject object, Set<DeleteOption> options) throws IOException {
        if (options.contains(DeleteOption.ZERO)) {
            zero(object);
        }
        long slot = patch.slot(object.slot());
        patch.write(new byte[1], slot + SifLayout.USED_FLAG);
        Patch.Header header = patch.header().modified(time).free(image.freeSlots() + 1L);
        if (object.isPrimarySystem()) {
            header.architecture(new byte[] {'0', '0', 0});
        }
        long end = endWithout(object);
        if (options.contains(DeleteOption.COMPACT)) {
            header.dataSize(end - image.header().dataOffset());
        }
        header.write();
        patch.write(new byte[SifLayout.DESCRIPTOR_SIZE], slot);
        if (options.contains(DeleteOption.COMPACT)) {
            cut(end);
        }
    }

    private void zero(SifObject object) throws IOException {
        ByteBuffer zeros = ByteBuffer.allocateDirect((int) Math.min(BUFFER, Math.max(1, object.size())));
        for (long at = object.offset(); at < object.end(); at += zeros.limit()) {
            zeros.clear().limit((int) Math.min(zeros.capacity(), object.end() - at));
            SourceContent.write(file, zeros, at);
        }
        patch.sync();
    }

    private long endWithout(SifObject object) {
        return image.objects().stream()
                .filter(each -> each.id() != object.id())
                .mapToLong(SifObject::end)
                .reduce(image.header().dataOffset(), Math::max);
    }

    /** The table may stand behind the data. */
    private void cut(long end) throws IOException {
        long tableEnd = image.header().tableOffset() + image.header().tableSize();
        long size = Math.max(end, tableEnd);
        if (size < file.size()) {
            file.truncate(size);
            patch.sync();
        }
    }
}
