package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.wire.Code;
import dev.dunnage.sif.ImageBytes;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * An image that a user named.
 *
 * @param path as it was named
 */
record OpenedImage(Path path, FileChannel channel) implements AutoCloseable {

    /** Opens a regular file for reading. */
    static OpenedImage open(Path path) throws CommandFailure {
        if (Files.isDirectory(path)) {
            throw new CommandFailure(
                    Code.IMAGE_BAD.exitStatus(),
                    path + " is a directory; images are SIF files, 'dunnage build' makes one");
        }
        if (Files.exists(path) && !Files.isRegularFile(path)) {
            throw new CommandFailure(Code.IMAGE_BAD.exitStatus(), path + " is not a regular file; give a SIF file");
        }
        try {
            return new OpenedImage(path, FileChannel.open(path, StandardOpenOption.READ));
        } catch (IOException e) {
            throw new CommandFailure(
                    Code.IMAGE_ABSENT.exitStatus(),
                    "image " + path + " cannot be opened (" + e.getClass().getSimpleName()
                            + "); check the path and your right to read it");
        }
    }

    ImageBytes bytes() {
        return ImageBytes.of(channel);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
