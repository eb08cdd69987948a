package dev.dunnage.launcher.cli;

import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifObject;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dunnage sif dump}. */
@Command(
        name = "dump",
        description = {
            "Writes the content of one data object, byte for byte.",
            "Exit status 1 when there is no such object. " + StructureCommand.STATUSES
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class SifDumpCommand extends StructureCommand {
    @Parameters(index = "0", paramLabel = "ID", description = "Number of the object, as dunnage sif list shows it.")
    private long id;

    @Parameters(index = "1", paramLabel = "FILE", description = "SIF file.")
    private Path file;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "New file; default standard output.")
    private Optional<Path> output = Optional.empty();

    @Override
    Path file() {
        return file;
    }

    @Override
    void print(SifImage image, ImageBytes bytes) throws IOException, CommandFailure {
        SifObject object = object(image, id);
        if (output.isEmpty()) {
            try (WritableByteChannel out = new FileOutputStream(FileDescriptor.out).getChannel()) {
                object.copyTo(bytes, out);
            }
            return;
        }
        Path target = output.get();
        try (WritableByteChannel out =
                Files.newByteChannel(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            object.copyTo(bytes, out);
        } catch (FileAlreadyExistsException e) {
            throw new CommandFailure(2, target + " exists; name another file");
        }
    }
}
