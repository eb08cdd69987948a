package dev.dunnage.sif.write;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** Creates images in the layout that Apptainer writes: usually 48 descriptors and data from byte 32176 on. */
public final class SifWriter {
    private static final Set<OpenOption> OPTIONS = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    /** Images start with a launch script, so they are programs; the umask takes its share as usual. */
    private static final Set<PosixFilePermission> MODE = PosixFilePermissions.fromString("rwxr-xr-x");

    private SifWriter() {}

    /**
     * Writes an image beside its final place and renames it, so that nobody sees half of it; an existing file is
     * replaced.
     *
     * @param objects in the order of their ids; builders write the definition file, JSON by name, then the partition
     * @throws SifWriteException when the objects do not make an image, names the object
     */
    public static void create(Path target, WriteOptions options, List<? extends ObjectSpec> objects)
            throws IOException, SifWriteException {
        Path absolute = target.toAbsolutePath();
        Path directory = absolute.resolveSibling(".");
        Path temporary = absolute.resolveSibling(".%s.%s".formatted(absolute.getFileName(), UUID.randomUUID()));
        try {
            try (FileChannel out = FileChannel.open(temporary, OPTIONS, PosixFilePermissions.asFileAttribute(MODE))) {
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
