package dev.dunnage.sif.write;

import dev.dunnage.sif.FileSystemKind;
import dev.dunnage.sif.SifFormatException;
import dev.dunnage.sif.Squashfs;
import java.io.IOException;

/** Whether a file holds the file system that it is said to hold, where that can be told. */
final class PartitionCheck {
    private static final int EXT_MAGIC_AT = 1024 + 56;
    private static final int EXT_MAGIC = 0xEF53;

    private PartitionCheck() {}

    static void check(NewObject object, SourceContent content) throws IOException, SifWriteException {
        if (!(object.metadata() instanceof ObjectMetadata.Partition partition)) {
            return;
        }
        String name =
                object.source() instanceof ObjectSource.File file ? file.path().toString() : "the new partition";
        if (partition.fileSystem() == FileSystemKind.SQUASHFS) {
            checkSquashfs(name, content);
        } else if (partition.fileSystem() == FileSystemKind.EXT3 && !isExt(content)) {
            throw new SifWriteException(
                    "%s is not an ext3 file system, make it with mkfs.ext3 or name its real type".formatted(name));
        }
    }

    private static void checkSquashfs(String name, SourceContent content) throws IOException, SifWriteException {
        try {
            Squashfs.read(content.bytes(), content.offset(), content.size());
        } catch (SifFormatException e) {
            throw new SifWriteException(
                    "%s is not a squashfs that can be a root file system: %s is %s, not %s; make it with mksquashfs"
                            .formatted(name, e.field(), e.value(), e.limit()),
                    e);
        }
    }

    private static boolean isExt(SourceContent content) throws IOException {
        if (content.size() < EXT_MAGIC_AT + 2) {
            return false;
        }
        byte[] magic = content.bytes().bytes(content.offset() + EXT_MAGIC_AT, 2);
        return ((magic[1] & 0xff) << 8 | (magic[0] & 0xff)) == EXT_MAGIC;
    }
}
