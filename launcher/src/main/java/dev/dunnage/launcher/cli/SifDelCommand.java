package dev.dunnage.launcher.cli;

import dev.dunnage.sif.SifFormatException;
import dev.dunnage.sif.SifObject;
import dev.dunnage.sif.write.EditTime;
import dev.dunnage.sif.write.SifEditor;
import dev.dunnage.sif.write.SifWriteException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dunnage sif del}. */
@Command(
        name = "del",
        description = {
            "Deletes a data object from an image.",
            "Its bytes stay in the file until others take their place, unless an option says otherwise."
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class SifDelCommand extends SifChange {
    @Parameters(index = "0", paramLabel = "ID", description = "Number of the object, as dunnage sif list shows it.")
    private long id;

    @Parameters(index = "1", paramLabel = "FILE", description = "SIF file that you may write.")
    private Path file;

    @Option(names = "--zero", description = "Overwrite its bytes with zeros.")
    private boolean zero;

    @Option(names = "--compact", description = "Cut the file behind the last object that is left.")
    private boolean compact;

    @Override
    Path file() {
        return file;
    }

    @Override
    long change(SifEditor editor, EditTime time) throws IOException, SifFormatException, SifWriteException {
        Set<SifEditor.DeleteOption> options = EnumSet.noneOf(SifEditor.DeleteOption.class);
        if (zero) {
            options.add(SifEditor.DeleteOption.ZERO);
        }
        if (compact) {
            options.add(SifEditor.DeleteOption.COMPACT);
        }
        Optional<SifObject> object = editor.image().object(id);
        editor.delete(id, options, time);
        object.ifPresent(deleted -> warnIfSigned(editor.image(), deleted));
        return id;
    }

    @Override
    String done(long object) {
        return "deleted object " + object + " of";
    }
}
