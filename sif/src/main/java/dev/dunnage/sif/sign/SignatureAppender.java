package dev.dunnage.sif.sign;

import dev.dunnage.sif.DataType;
import dev.dunnage.sif.Link;
import dev.dunnage.sif.SifEncoder;
import dev.dunnage.sif.SifHeader;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifLayout;
import dev.dunnage.sif.SifObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Adds signature objects to an open image. Each step is on disk before the next one begins: the data, the descriptor
 * marked unused, its used flag, the header. Until the flag is set, readers see the image as it was.
 */
final class SignatureAppender {
    private final FileChannel file;
    private final SifHeader header;
    private final long now;
    private final Set<Integer> slots;
    private final Set<Long> ids;
    private long end;

    SignatureAppender(FileChannel file, SifImage image, Instant now) {
        this.file = file;
        this.header = image.header();
        this.now = now.getEpochSecond();
        this.slots = image.objects().stream().map(SifObject::slot).collect(Collectors.toCollection(HashSet::new));
        this.ids = image.objects().stream().map(SifObject::id).collect(Collectors.toCollection(HashSet::new));
        this.end = image.objects().stream().mapToLong(SifObject::end).reduce(header.dataOffset(), Math::max);
    }

    /** Adds one signature that is linked to a group; returns its id. */
    long append(byte[] content, long group, String fingerprint) throws IOException {
        int slot = freeSlot();
        long id = freeId(slot);
        byte[] descriptor = SifEncoder.descriptor(new SifEncoder.Fields(
                DataType.SIGNATURE,
                id,
                0,
                new Link.ToGroup(group),
                end,
                content.length,
                content.length,
                now,
                "",
                SifEncoder.signature(fingerprint)));
        write(content, end);
        long position = header.tableOffset() + (long) slot * SifLayout.DESCRIPTOR_SIZE;
        byte used = descriptor[SifLayout.USED_FLAG];
        descriptor[SifLayout.USED_FLAG] = 0;
        write(descriptor, position);
        write(new byte[] {used}, position + SifLayout.USED_FLAG);
        slots.add(slot);
        ids.add(id);
        end += content.length;
        updateHeader();
        return id;
    }

    private int freeSlot() {
        int slot = 0;
        while (slots.contains(slot)) {
            slot++;
        }
        return slot;
    }

    /** Slot + 1 as other writers do, or the next number when an image has renumbered objects. */
    private long freeId(int slot) {
        long id = slot + 1L;
        while (ids.contains(id)) {
            id++;
        }
        return id;
    }

    private void updateHeader() throws IOException {
        ByteBuffer number = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        write(number.putLong(0, now).array(), 72);
        write(number.putLong(0, header.totalDescriptors() - slots.size()).array(), 80);
        write(number.putLong(0, end - header.dataOffset()).array(), 120);
    }

    private void write(byte[] content, long position) throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(content);
        while (rest.hasRemaining()) {
            file.write(rest, position + rest.position());
        }
        file.force(false);
    }
}
