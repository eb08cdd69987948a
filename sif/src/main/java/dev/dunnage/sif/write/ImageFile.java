package dev.dunnage.sif.write;

import dev.dunnage.sif.Architecture;
import dev.dunnage.sif.Link;
import dev.dunnage.sif.SifEncoder;
import dev.dunnage.sif.SifHeader;
import dev.dunnage.sif.SifLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The one pass that fills a new image file. */
final class ImageFile {
    private final FileChannel out;
    private final WriteOptions options;
    private final int tableSize;
    private final long dataOffset;
    private final List<byte[]> descriptors = new ArrayList<>();
    private Architecture architecture = Architecture.UNKNOWN;
    private boolean hasPrimary;
    private long end;

    ImageFile(FileChannel out, WriteOptions options) throws SifWriteException {
        if (options.descriptors() < 1 || options.descriptors() > SifLayout.MAX_DESCRIPTORS) {
            throw new SifWriteException("room for %d objects was asked for, give 1 to %d"
                    .formatted(options.descriptors(), SifLayout.MAX_DESCRIPTORS));
        }
        if (options.launchScript().getBytes(StandardCharsets.UTF_8).length >= SifLayout.LAUNCH_SIZE) {
            throw new SifWriteException("the launch script has more than 31 bytes, shorten it");
        }
        this.out = out;
        this.options = options;
        this.tableSize = options.descriptors() * SifLayout.DESCRIPTOR_SIZE;
        this.dataOffset = SifLayout.USUAL_TABLE_OFFSET + (long) tableSize;
        this.end = dataOffset;
    }

    void write(List<? extends ObjectSpec> specs) throws IOException, SifWriteException {
        if (specs.size() > options.descriptors()) {
            throw new SifWriteException("%d objects are too many, an image takes at most %d; leave some out"
                    .formatted(specs.size(), options.descriptors()));
        }
        List<NewObject> objects = specs.stream().map(ObjectSpec::toNewObject).toList();
        for (NewObject object : objects) {
            object.check();
            checkLink(object, objects);
            add(object);
        }
        writeTable();
        writeHeader(objects.size());
    }

    private static void checkLink(NewObject object, List<NewObject> all) throws SifWriteException {
        if (object.link() instanceof Link.ToObject link && link.id() > all.size()) {
            throw new SifWriteException("an object links to object %d, but there are %d objects; correct the link"
                    .formatted(link.id(), all.size()));
        }
        if (object.link() instanceof Link.ToGroup link
                && all.stream().noneMatch(each -> each.group() == link.group())) {
            throw new SifWriteException(
                    "an object links to group %d, which has no objects; correct the link".formatted(link.group()));
        }
    }

    private void add(NewObject object) throws IOException, SifWriteException {
        if (object.isPrimary() && hasPrimary) {
            throw new SifWriteException("an image takes one root file system, leave the other one out");
        }
        long start = aligned(end, object.alignment());
        try (SourceContent content = object.source().open()) {
            PartitionCheck.check(object, content);
            content.copyTo(out, start);
            finish(object, start, content.size());
        }
        if (object.isPrimary() && object.metadata() instanceof ObjectMetadata.Partition partition) {
            hasPrimary = true;
            architecture = partition.architecture();
        }
    }

    static long aligned(long offset, int alignment) {
        long unit = Math.max(1, alignment);
        return Math.multiplyExact((offset + unit - 1) / unit, unit);
    }

    private void finish(NewObject object, long start, long size) {
        descriptors.add(SifEncoder.descriptor(new SifEncoder.Fields(
                object.type(),
                descriptors.size() + 1L,
                object.group(),
                object.link(),
                start,
                size,
                start + size - end,
                options.time(),
                object.name(),
                object.metadata().encoded())));
        end = start + size;
    }

    private void writeTable() throws IOException {
        ByteBuffer table = ByteBuffer.allocate(tableSize);
        descriptors.forEach(table::put);
        SourceContent.write(out, table.rewind(), SifLayout.USUAL_TABLE_OFFSET);
    }

    private void writeHeader(int used) throws IOException {
        SifHeader header = new SifHeader(
                options.launchScript(),
                architecture,
                options.id(),
                options.time(),
                options.time(),
                options.descriptors() - used,
                options.descriptors(),
                SifLayout.USUAL_TABLE_OFFSET,
                tableSize,
                dataOffset,
                end - dataOffset);
        SourceContent.write(out, ByteBuffer.wrap(SifEncoder.header(header, options.launchScript())), 0);
    }
}
