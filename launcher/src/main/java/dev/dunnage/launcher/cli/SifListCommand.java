package dev.dunnage.launcher.cli;

import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifListing;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code dunnage sif list}. */
@Command(
        name = "list",
        description = {"Lists the data objects of an image, after a check of its structure.", StructureCommand.STATUSES
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class SifListCommand extends StructureCommand {
    @Parameters(paramLabel = "FILE", description = "SIF file.")
    private Path file;

    @Mixin
    private JsonOption json;

    @Override
    Path file() {
        return file;
    }

    @Override
    void print(SifImage image, ImageBytes bytes) {
        if (json.wanted()) {
            image.objects().forEach(object -> out().println(JsonLine.of(SifFacts.listed(object))));
        } else {
            SifListing.lines(image).forEach(out()::println);
        }
    }
}
