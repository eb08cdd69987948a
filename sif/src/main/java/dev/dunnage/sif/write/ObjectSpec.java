package dev.dunnage.sif.write;

import dev.dunnage.sif.Architecture;
import dev.dunnage.sif.DataType;
import dev.dunnage.sif.FileSystemKind;
import dev.dunnage.sif.PartitionKind;
import java.nio.file.Path;

/** One object of an image to be made: a usual one, which goes into group 1, or any {@link NewObject}. */
public sealed interface ObjectSpec permits ObjectSpec.Usual, NewObject {
    /** Objects that builders write. */
    sealed interface Usual extends ObjectSpec {}

    /** The definition file that the image was built from. */
    @SuppressWarnings("ArrayRecordComponent") // a carrier of arguments, never compared
    record DefinitionFile(byte[] content) implements Usual {}

    /**
     * A JSON document.
     *
     * @param name at most 128 bytes in UTF-8, for example {@code inspect-metadata.json}
     */
    @SuppressWarnings("ArrayRecordComponent") // a carrier of arguments, never compared
    record GenericJson(String name, byte[] content) implements Usual {}

    /**
     * The root file system; at most one.
     *
     * @param squashfs file that holds a squashfs and nothing else
     */
    record PrimaryPartition(Path squashfs, Architecture architecture) implements Usual {}

    /** The same with every field spelled out. */
    default NewObject toNewObject() {
        if (this instanceof DefinitionFile file) {
            return NewObject.of(DataType.DEFINITION_FILE, ObjectSource.of(file.content()));
        }
        if (this instanceof GenericJson json) {
            return NewObject.of(DataType.GENERIC_JSON, ObjectSource.of(json.content()))
                    .named(json.name());
        }
        if (this instanceof PrimaryPartition partition) {
            return NewObject.partition(
                    ObjectSource.of(partition.squashfs()),
                    FileSystemKind.SQUASHFS,
                    PartitionKind.PRIMARY_SYSTEM,
                    partition.architecture());
        }
        return (NewObject) this;
    }
}
