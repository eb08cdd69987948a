package dev.dunnage.launcher.cli;

import dev.dunnage.sif.SifFormatException;
import dev.dunnage.sif.SifObject;
import dev.dunnage.sif.write.EditTime;
import dev.dunnage.sif.write.SifEditor;
import dev.dunnage.sif.write.SifWriteException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code dunnage sif setprim}. */
@Command(
        name = "setprim",
        description = {
            "Makes a system partition the root file system of the image.",
            "The one that was it before, if any, becomes a plain system partition."
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class SifSetPrimCommand extends SifChange {
    @Parameters(index = "0", paramLabel = "ID", description = "Number of the partition, as dunnage sif list shows it.")
    private long id;

    @Parameters(index = "1", paramLabel = "FILE", description = "SIF file that you may write.")
    private Path file;

    @Override
    Path file() {
        return file;
    }

    @Override
    long change(SifEditor editor, EditTime time) throws IOException, SifFormatException, SifWriteException {
        Optional<SifObject> object = editor.image().object(id);
        editor.setPrimary(id, time);
        if (object.isPresent() && !object.get().isPrimarySystem()) {
            warnIfSigned(editor.image(), object.get());
        }
        return id;
    }

    @Override
    String done(long object) {
        return "object " + object + " is the root file system of";
    }
}
