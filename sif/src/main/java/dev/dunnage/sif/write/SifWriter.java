package dev.dunnage.sif.write;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.UUID;

/** Creates images in the layout that Apptainer writes: 48 descriptors, data from byte 32176 on, group 1. */
public final class SifWriter {
    private SifWriter() {}

    /**
     * Writes an image beside its final place and renames it, so that nobody sees half of it; an existing file is
     * replaced.
     *
     * @param objects in the order of their ids; builders write the definition file, JSON by name, then the partition
     * @throws SifWriteException when the objects do not make an image, names the object
     */
    public static void create(Path target, WriteOptions options, List<ObjectSpec> objects)
            throws IOException, SifWriteException {
        Path absolute = target.toAbsolutePath();
        Path directory = absolute.resolveSibling(".");
        Path temporary = absolute.resolveSibling(".%s.%s".formatted(absolute.getFileName(), UUID.randomUUID()));
        try {
            try (FileChannel out =
                    FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                new ImageFile(out, options).write(objects);
                out.force(true);
            }
            Files.move(temporary, absolute, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
        // The rename itself is safe only when the directory is on disk.
        try (FileChannel entry = FileChannel.open(directory, StandardOpenOption.READ)) {
            entry.force(true);
        }
    }
}
