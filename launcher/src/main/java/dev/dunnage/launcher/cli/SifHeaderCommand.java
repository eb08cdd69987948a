package dev.dunnage.launcher.cli;

import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifText;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code dunnage sif header}. */
@Command(
        name = "header",
        description = {"Shows the header of an image, after a check of its structure.", StructureCommand.STATUSES})
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class SifHeaderCommand extends StructureCommand {
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
            Map<String, Object> facts = SifFacts.header(image);
            facts.put("warnings", image.warnings());
            out().println(JsonLine.of(facts));
        } else {
            SifText.header(image).forEach(out()::println);
        }
    }
}
