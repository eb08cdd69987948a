package dev.dunnage.sif.write;

import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifHeader;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifLayout;
import dev.dunnage.sif.SifObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;

/** Small writes into header and descriptor table of an open image, each of them on disk before the next begins. */
final class Patch {
    private static final int ARCHITECTURE = 45;
    private static final int ARCHITECTURE_SIZE = 3;
    private static final int MODIFIED = 72;
    private static final int FREE = 80;
    private static final int DATA_SIZE = 120;

    private final FileChannel file;
    private final SifHeader header;

    Patch(FileChannel file, SifImage image) {
        this.file = file;
        this.header = image.header();
    }

    long slot(int slot) {
        return header.tableOffset() + (long) slot * SifLayout.DESCRIPTOR_SIZE;
    }

    void write(byte[] content, long position) throws IOException {
        SourceContent.write(file, ByteBuffer.wrap(content), position);
        sync();
    }

    void sync() throws IOException {
        file.force(false);
    }

    /** First byte behind the last object; where there is none, the start of the data. */
    static long end(SifImage image) {
        return image.objects().stream()
                .mapToLong(SifObject::end)
                .reduce(image.header().dataOffset(), Math::max);
    }

    /** Starts a change of the header. */
    Header header() throws IOException {
        return new Header();
    }

    /** The header with some fields changed; goes to disk in one write. */
    final class Header {
        private final byte[] content;
        private final ByteBuffer numbers;

        private Header() throws IOException {
            this.content = ImageBytes.of(file).bytes(0, SifLayout.HEADER_SIZE);
            this.numbers = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
        }

        Header modified(long time) {
            numbers.putLong(MODIFIED, time);
            return this;
        }

        Header free(long count) {
            numbers.putLong(FREE, count);
            return this;
        }

        Header dataSize(long size) {
            numbers.putLong(DATA_SIZE, size);
            return this;
        }

        /** Three bytes, as in a partition's descriptor. */
        Header architecture(byte[] code) {
            System.arraycopy(code, 0, content, ARCHITECTURE, ARCHITECTURE_SIZE);
            return this;
        }

        void write() throws IOException {
            Patch.this.write(content, 0);
        }
    }
}
