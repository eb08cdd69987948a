package dev.dunnage.launcher.cli;

import dev.dunnage.sif.SifLayout;
import dev.dunnage.sif.write.SifWriter;
import dev.dunnage.sif.write.WriteOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dunnage sif new}. */
@Command(
        name = "new",
        description = {"Makes an image without any data object.", "Fill it with dunnage sif add."})
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class SifNewCommand extends BaseCommand {
    @Parameters(paramLabel = "FILE", description = "SIF file to be made.")
    private Path file;

    @Option(
            names = "--descriptors",
            paramLabel = "N",
            description = "Room for so many data objects, default ${DEFAULT-VALUE}.",
            defaultValue = "48")
    private int descriptors;

    @Option(
            names = "--deterministic",
            description = "No time and no random id: equal commands make equal images. What is added later leaves no"
                    + " time either.")
    private boolean deterministic;

    @Override
    public Integer call() throws Exception {
        if (Files.exists(file)) {
            throw new CommandFailure(2, file + " exists; choose another name");
        }
        if (descriptors < 1 || descriptors > SifLayout.MAX_DESCRIPTORS) {
            throw new CommandFailure(
                    2, "--descriptors " + descriptors + " is out of range; give 1 to " + SifLayout.MAX_DESCRIPTORS);
        }
        WriteOptions options =
                deterministic ? WriteOptions.deterministic() : WriteOptions.at(Instant.now(), UUID.randomUUID());
        SifWriter.create(file, options.withDescriptors(descriptors), List.of());
        out().println("made " + file);
        return 0;
    }
}
