package dev.dunnage.sif.write;

import dev.dunnage.sif.Architecture;
import java.nio.file.Path;

/** One object of an image to be made. All go into group 1. */
public sealed interface ObjectSpec {
    /** The definition file that the image was built from. */
    @SuppressWarnings("ArrayRecordComponent") // a carrier of arguments, never compared
    record DefinitionFile(byte[] content) implements ObjectSpec {}

    /**
     * A JSON document.
     *
     * @param name at most 128 bytes in UTF-8, for example {@code inspect-metadata.json}
     */
    @SuppressWarnings("ArrayRecordComponent") // a carrier of arguments, never compared
    record GenericJson(String name, byte[] content) implements ObjectSpec {}

    /**
     * The root file system; at most one.
     *
     * @param squashfs file that holds a squashfs and nothing else
     */
    record PrimaryPartition(Path squashfs, Architecture architecture) implements ObjectSpec {}
}
