package dev.dunnage.sif.write;

import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifObject;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Where the content of a new object comes from. It is copied a bounded piece at a time. */
public sealed interface ObjectSource {
    /** Bytes in memory. */
    static ObjectSource of(byte[] content) {
        return new Memory(content.clone());
    }

    /** All of a regular file, opened when the object is written. */
    static ObjectSource of(Path file) {
        return new File(file);
    }

    /** The content of an object of another image, whose bytes the caller keeps open. */
    static ObjectSource of(ImageBytes bytes, SifObject object) {
        return new Part(bytes, object.offset(), object.size());
    }

    /** Makes the content readable. */
    SourceContent open() throws IOException, SifWriteException;

    /** See {@link #of(byte[])}. */
    @SuppressWarnings("ArrayRecordComponent") // a carrier of arguments, never compared
    record Memory(byte[] content) implements ObjectSource {
        @Override
        public SourceContent open() {
            return SourceContent.of(content);
        }
    }

    /** See {@link #of(Path)}. */
    record File(Path path) implements ObjectSource {
        @Override
        public SourceContent open() throws IOException, SifWriteException {
            if (Files.exists(path) && !Files.isRegularFile(path)) {
                throw new SifWriteException("%s is not a regular file, name one".formatted(path));
            }
            return SourceContent.of(FileChannel.open(path, StandardOpenOption.READ));
        }
    }

    /** See {@link #of(ImageBytes, SifObject)}. */
    record Part(ImageBytes bytes, long offset, long size) implements ObjectSource {
        @Override
        public SourceContent open() {
            return SourceContent.of(bytes, offset, size);
        }
    }
}
