package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.build.ImageInspector;
import dev.dunnage.launcher.build.InspectMetadata;
import dev.dunnage.sif.SifImage;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dunnage inspect}. */
@Command(
        name = "inspect",
        description = {
            "Shows what an image says about itself: labels, and on request its scripts.",
            "The answers come from the metadata that the builder put into the image. They are not verified."
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class InspectCommand extends BaseCommand {
    @Parameters(paramLabel = "IMAGE", description = "SIF file.")
    private Path file;

    @Option(
            names = {"-l", "--labels"},
            description = "Show the labels; this is the default.")
    private boolean labels;

    @Option(
            names = {"-r", "--runscript"},
            description = "Show the runscript.")
    private boolean runscript;

    @Option(
            names = {"-d", "--deffile"},
            description = "Show the definition file that the image was built from.")
    private boolean deffile;

    @Option(
            names = {"-e", "--environment"},
            description = "Show the environment scripts.")
    private boolean environment;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() throws Exception {
        try (OpenedImage opened = OpenedImage.open(file)) {
            SifImage image = SifImage.read(opened.bytes());
            InspectMetadata metadata = ImageInspector.inspect(file, image, opened.bytes());
            if (json.wanted()) {
                out().println(JsonLine.of(all(image, metadata)));
            } else {
                print(metadata);
            }
            return 0;
        }
    }

    private static Map<String, Object> all(SifImage image, InspectMetadata metadata) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("header", SifCommand.HeaderCommand.facts(image));
        object.put("labels", metadata.labels());
        object.put("environment", metadata.environment());
        object.putAll(metadata.texts());
        return object;
    }

    private void print(InspectMetadata metadata) {
        if (labels || !(runscript || deffile || environment)) {
            metadata.labels().forEach((name, value) -> out().println(name + ": " + oneLine(value)));
        }
        if (runscript) {
            printText(metadata.texts().getOrDefault("runscript", ""));
        }
        if (deffile) {
            printText(metadata.texts().getOrDefault("deffile", ""));
        }
        if (environment) {
            metadata.environment().forEach((name, text) -> {
                out().println("=== " + oneLine(name) + " ===");
                printText(text);
            });
        }
    }

    /** The image must not send control sequences to the terminal. */
    private void printText(String text) {
        text.lines().forEach(line -> out().println(oneLine(line)));
    }

    private static String oneLine(String text) {
        StringBuilder shown = new StringBuilder();
        text.codePoints()
                .map(point -> Character.isISOControl(point) && point != '\t' ? '?' : point)
                .forEach(shown::appendCodePoint);
        return shown.toString();
    }
}
