package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.hints.HintsException;
import dev.dunnage.launcher.hints.LaunchHints;
import dev.dunnage.sif.DataType;
import dev.dunnage.sif.SifFormatException;
import dev.dunnage.sif.SifObject;
import dev.dunnage.sif.write.EditTime;
import dev.dunnage.sif.write.NewObject;
import dev.dunnage.sif.write.ObjectSource;
import dev.dunnage.sif.write.SifEditor;
import dev.dunnage.sif.write.SifWriteException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
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

    @Parameters(index = "1", arity = "0..1", paramLabel = "DATA", description = "File with the content of the object.")
    private Optional<Path> data = Optional.empty();

    @Option(
            names = "--launch-hints",
            paramLabel = "FILE",
            description =
                    "Add this JSON object as the image's launch hints, instead of DATA: what MPI, PMI, GPU and memory"
                            + " steps need to run it. It is checked first; docs/images.md has the form.")
    private Optional<Path> hints = Optional.empty();

    @Mixin
    private NewObjectOptions options;

    @Override
    Path file() {
        return file;
    }

    @Override
    long change(SifEditor editor, EditTime time)
            throws IOException, SifFormatException, SifWriteException, CommandFailure {
        if (data.isPresent() == hints.isPresent()) {
            throw new CommandFailure(2, "give either DATA or --launch-hints FILE; see dunnage sif add --help");
        }
        long id = editor.add(hints.isPresent() ? hints(editor) : options.object(data.orElseThrow()), time);
        warnIfSigned(editor.image(), editor.image().object(id).orElseThrow());
        return id;
    }

    private NewObject hints(SifEditor editor) throws IOException, CommandFailure {
        Path place = hints.orElseThrow();
        if (!Files.isRegularFile(place) || Files.size(place) > LaunchHints.MAX_BYTES) {
            throw new CommandFailure(
                    2, "--launch-hints " + place + ": give a file of at most " + LaunchHints.MAX_BYTES + " bytes");
        }
        Optional<SifObject> earlier = LaunchHints.object(editor.image());
        if (earlier.isPresent()) {
            throw new CommandFailure(
                    2,
                    file + " has launch hints already; delete them first: dunnage sif del "
                            + earlier.get().id() + " " + file);
        }
        byte[] content = Files.readAllBytes(place);
        try {
            LaunchHints.parse(content);
        } catch (HintsException e) {
            throw new CommandFailure(2, "--launch-hints " + place + ": " + e.getMessage());
        }
        return NewObject.of(DataType.GENERIC_JSON, ObjectSource.of(content)).named(LaunchHints.OBJECT);
    }

    @Override
    String done(long id) {
        return "added object " + id + " to";
    }
}
