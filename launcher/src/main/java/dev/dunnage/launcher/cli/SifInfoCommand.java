package dev.dunnage.launcher.cli;

import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifObject;
import dev.dunnage.sif.SifText;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code dunnage sif info}. */
@Command(
        name = "info",
        description = {
            "Shows everything that an image states about one of its data objects.",
            "Exit status 1 when it has no such object. " + StructureCommand.STATUSES
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class SifInfoCommand extends StructureCommand {
    @Parameters(index = "0", paramLabel = "ID", description = "Number of the object, as dunnage sif list shows it.")
    private long id;

    @Parameters(index = "1", paramLabel = "FILE", description = "SIF file.")
    private Path file;

    @Mixin
    private JsonOption json;

    @Override
    Path file() {
        return file;
    }

    @Override
    void print(SifImage image, ImageBytes bytes) throws CommandFailure {
        SifObject object = object(image, id);
        if (json.wanted()) {
            out().println(JsonLine.of(SifFacts.all(object)));
        } else {
            SifText.info(object).forEach(out()::println);
        }
    }
}
