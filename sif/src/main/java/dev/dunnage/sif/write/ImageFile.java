package dev.dunnage.sif.write;

import dev.dunnage.sif.Architecture;
import dev.dunnage.sif.DataType;
import dev.dunnage.sif.FileSystemKind;
import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.Link;
import dev.dunnage.sif.PartitionKind;
import dev.dunnage.sif.SifEncoder;
import dev.dunnage.sif.SifFormatException;
import dev.dunnage.sif.SifHeader;
import dev.dunnage.sif.SifLayout;
import dev.dunnage.sif.Squashfs;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** The one pass that fills a new image file. */
final class ImageFile {
    private static final int DESCRIPTORS = 48;
    private static final long TABLE_OFFSET = 4096;
    private static final long TABLE_SIZE = (long) DESCRIPTORS * SifLayout.DESCRIPTOR_SIZE;
    private static final long DATA_OFFSET = TABLE_OFFSET + TABLE_SIZE;
    private static final int PARTITION_ALIGNMENT = 4096;
    private static final int MAX_NAME = 128;

    private final FileChannel out;
    private final WriteOptions options;
    private final List<byte[]> descriptors = new ArrayList<>();
    private Architecture architecture = Architecture.UNKNOWN;
    private boolean hasPrimary;
    private long end = DATA_OFFSET;

    ImageFile(FileChannel out, WriteOptions options) {
        this.out = out;
        this.options = options;
    }

    void write(List<ObjectSpec> objects) throws IOException, SifWriteException {
        if (objects.size() > DESCRIPTORS) {
            throw new SifWriteException("%d objects are too many, an image takes at most %d; leave some out"
                    .formatted(objects.size(), DESCRIPTORS));
        }
        for (ObjectSpec object : objects) {
            if (object instanceof ObjectSpec.DefinitionFile file) {
                add(DataType.DEFINITION_FILE, "", file.content());
            } else if (object instanceof ObjectSpec.GenericJson json) {
                add(DataType.GENERIC_JSON, json.name(), json.content());
            } else if (object instanceof ObjectSpec.PrimaryPartition partition) {
                addPartition(partition);
            }
        }
        writeTable();
        writeHeader(objects.size());
    }

    private void add(DataType type, String name, byte[] content) throws IOException, SifWriteException {
        if (name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME) {
            throw new SifWriteException("the name of an object has more than 128 bytes, shorten it");
        }
        long start = end;
        put(ByteBuffer.wrap(content), start);
        finish(type, name, start, content.length, new byte[0]);
    }

    private void addPartition(ObjectSpec.PrimaryPartition partition) throws IOException, SifWriteException {
        if (hasPrimary) {
            throw new SifWriteException("an image takes one root file system, leave the other one out");
        }
        if (partition.architecture() == Architecture.UNKNOWN) {
            throw new SifWriteException("the architecture of the root file system is unknown, name it");
        }
        long start = Math.multiplyExact((end + PARTITION_ALIGNMENT - 1) / PARTITION_ALIGNMENT, PARTITION_ALIGNMENT);
        try (FileChannel source = FileChannel.open(partition.squashfs(), StandardOpenOption.READ)) {
            long size = source.size();
            Squashfs.read(ImageBytes.of(source), 0, size);
            copy(source, start, size);
            hasPrimary = true;
            architecture = partition.architecture();
            finish(
                    DataType.PARTITION,
                    "",
                    start,
                    size,
                    SifEncoder.partition(FileSystemKind.SQUASHFS, PartitionKind.PRIMARY_SYSTEM, architecture));
        } catch (SifFormatException e) {
            throw new SifWriteException(
                    "%s is not a squashfs that can be a root file system: %s is %s, not %s; make it with mksquashfs"
                            .formatted(partition.squashfs(), e.field(), e.value(), e.limit()),
                    e);
        }
    }

    private void finish(DataType type, String name, long start, long size, byte[] extra) {
        long id = descriptors.size() + 1L;
        descriptors.add(SifEncoder.descriptor(new SifEncoder.Fields(
                type, id, 1, new Link.None(), start, size, start + size - end, options.time(), name, extra)));
        end = start + size;
    }

    private void writeTable() throws IOException {
        ByteBuffer table = ByteBuffer.allocate((int) TABLE_SIZE);
        descriptors.forEach(table::put);
        put(table.rewind(), TABLE_OFFSET);
    }

    private void writeHeader(int used) throws IOException {
        SifHeader header = new SifHeader(
                SifLayout.LAUNCH_SCRIPT,
                architecture,
                options.id(),
                options.time(),
                options.time(),
                DESCRIPTORS - used,
                DESCRIPTORS,
                TABLE_OFFSET,
                TABLE_SIZE,
                DATA_OFFSET,
                end - DATA_OFFSET);
        put(ByteBuffer.wrap(SifEncoder.header(header)), 0);
    }

    private void put(ByteBuffer content, long position) throws IOException {
        long at = position;
        while (content.hasRemaining()) {
            at += out.write(content, at);
        }
    }

    private void copy(FileChannel source, long start, long size) throws IOException {
        for (long done = 0; done < size; ) {
            long count = source.transferTo(done, size - done, out.position(start + done));
            if (count <= 0) {
                throw new EOFException("the squashfs became shorter while it was copied, try again");
            }
            done += count;
        }
    }
}
