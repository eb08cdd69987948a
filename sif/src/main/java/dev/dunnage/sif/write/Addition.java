package dev.dunnage.sif.write;

import dev.dunnage.sif.Link;
import dev.dunnage.sif.SifEncoder;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifLayout;
import dev.dunnage.sif.SifObject;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Adds one object to an open image. On disk, in this order: the content, the descriptor marked unused, the header, the
 * used flag. Until the flag is set, readers see the objects as they were.
 */
final class Addition {
    private static final long MAX_GAP = 1 << 20;

    private final FileChannel file;
    private final SifImage image;
    private final Patch patch;
    private final long time;

    Addition(FileChannel file, SifImage image, long time) {
        this.file = file;
        this.image = image;
        this.patch = new Patch(file, image);
        this.time = time;
    }

    long run(NewObject object) throws IOException, SifWriteException {
        object.check();
        checkFits(object);
        int slot = freeSlot();
        long id = freeId(slot);
        long end = Patch.end(image);
        if (end > file.size() + MAX_GAP) {
            throw new SifWriteException("the data offset %d of the header lies far behind the end of the file, build"
                            .formatted(image.header().dataOffset())
                    + " the image anew");
        }
        long start = ImageFile.aligned(end, object.alignment());
        try (SourceContent content = object.source().open()) {
            PartitionCheck.check(object, content);
            copy(content, start);
            write(object, slot, id, new Place(end, start, Math.addExact(start, content.size())));
        }
        return id;
    }

    private record Place(long before, long start, long end) {}

    private void checkFits(NewObject object) throws SifWriteException {
        if (image.freeSlots() < 1) {
            throw new SifWriteException("the image has room for %d objects and is full, delete one or build it anew"
                    .formatted(image.header().totalDescriptors()));
        }
        if (object.isPrimary() && image.objects().stream().anyMatch(SifObject::isPrimarySystem)) {
            throw new SifWriteException(
                    "the image has a root file system, add this one as a system partition and make it primary");
        }
        if (object.link() instanceof Link.ToObject link
                && image.object(link.id()).isEmpty()) {
            throw new SifWriteException("there is no object %d to link to, correct the link".formatted(link.id()));
        }
        if (object.link() instanceof Link.ToGroup link
                && image.objects().stream().noneMatch(each -> each.group() == link.group())) {
            throw new SifWriteException("there is no group %d to link to, correct the link".formatted(link.group()));
        }
    }

    private int freeSlot() {
        Set<Integer> used = image.objects().stream().map(SifObject::slot).collect(Collectors.toSet());
        int slot = 0;
        while (used.contains(slot)) {
            slot++;
        }
        return slot;
    }

    /** Slot + 1 as other writers do, or the next number when an image has renumbered objects. */
    private long freeId(int slot) {
        Set<Long> ids = image.objects().stream().map(SifObject::id).collect(Collectors.toSet());
        long id = slot + 1L;
        while (ids.contains(id)) {
            id++;
        }
        return id;
    }

    /** A copy that fails, for want of space for example, leaves the file as long as it was. */
    private void copy(SourceContent content, long start) throws IOException {
        long before = file.size();
        boolean done = false;
        try {
            content.copyTo(file, start);
            patch.sync();
            done = true;
        } finally {
            if (!done && file.size() > before) {
                file.truncate(before);
            }
        }
    }

    private void write(NewObject object, int slot, long id, Place place) throws IOException {
        byte[] descriptor = SifEncoder.descriptor(new SifEncoder.Fields(
                object.type(),
                id,
                object.group(),
                object.link(),
                place.start(),
                place.end() - place.start(),
                place.end() - place.before(),
                time,
                object.name(),
                object.metadata().encoded()));
        byte used = descriptor[SifLayout.USED_FLAG];
        descriptor[SifLayout.USED_FLAG] = 0;
        patch.write(descriptor, patch.slot(slot));
        // Before the flag: a header that counts all slots as free makes readers see no objects, or refuse the image.
        Patch.Header header = patch.header()
                .modified(time)
                .free(image.freeSlots() - 1L)
                .dataSize(place.end() - image.header().dataOffset());
        if (object.isPrimary() && object.metadata() instanceof ObjectMetadata.Partition partition) {
            header.architecture((partition.architecture().code() + "\0").getBytes(StandardCharsets.US_ASCII));
        }
        header.write();
        patch.write(new byte[] {used}, patch.slot(slot) + SifLayout.USED_FLAG);
    }
}
