package dev.dunnage.launcher.cli;

import dev.dunnage.sif.SifFormatException;
import dev.dunnage.sif.write.EditTime;
import dev.dunnage.sif.write.SifEditor;
import dev.dunnage.sif.write.SifWriteException;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code dunnage sif add}. */
@Command(
        name = "add",
        description = {
            "Adds a file to an image as a data object.",
            "Options take names, or the numbers that other SIF tools use."
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class SifAddCommand extends SifChange {
    @Parameters(index = "0", paramLabel = "FILE", description = "SIF file that you may write.")
    private Path file;

    @Parameters(index = "1", paramLabel = "DATA", description = "File with the content of the object.")
    private Path data;

    @Mixin
    private NewObjectOptions options;

    @Override
    Path file() {
        return file;
    }

    @Override
    long change(SifEditor editor, EditTime time)
            throws IOException, SifFormatException, SifWriteException, CommandFailure {
        long id = editor.add(options.object(data), time);
        warnIfSigned(editor.image(), editor.image().object(id).orElseThrow());
        return id;
    }

    @Override
    String done(long id) {
        return "added object " + id + " to";
    }
}
