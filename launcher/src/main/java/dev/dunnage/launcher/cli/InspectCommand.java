package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.build.ImageInspector;
import dev.dunnage.launcher.build.InspectMetadata;
import dev.dunnage.launcher.mpi.FactsText;
import dev.dunnage.launcher.mpi.ImageScan;
import dev.dunnage.mpi.facts.TreeFacts;
import dev.dunnage.sif.Encryption;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifObject;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code dunnage inspect}. */
@Command(
        name = "inspect",
        description = {
            "Shows what an image says about itself: labels, and on request its scripts.",
            "The answers come from the metadata that the builder put into the image, else from its root file system (this"
                    + " wants unsquashfs). They are not verified.",
            "Exit status 1 when the image does not have what is asked for."
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class InspectCommand extends BaseCommand {
    private static final int NOT_FOUND = 1;

    @Parameters(paramLabel = "IMAGE", description = "SIF file.")
    private Path file;

    @Mixin
    private InspectSelection selection;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() throws Exception {
        try (OpenedImage opened = OpenedImage.open(file)) {
            SifImage image = SifImage.read(opened.bytes());
            if (selection.isAboutMpi()) {
                return mpi(ImageScan.of(opened.bytes(), image.primarySystem()));
            }
            InspectMetadata whole = ImageInspector.inspect(file, image, opened.bytes());
            Optional<Encryption> encryption = encryption(image);
            encryption.ifPresent(found -> err().println(note(found)));
            InspectMetadata metadata = selection.app().isPresent() ? app(whole) : whole;
            if (json.wanted()) {
                out().println(JsonLine.of(members(image, metadata, encryption)));
                return 0;
            }
            return print(new InspectText(out(), metadata)) ? 0 : NOT_FOUND;
        }
    }

    private int mpi(Optional<TreeFacts> found) throws CommandFailure {
        TreeFacts facts = found.orElseThrow(() -> new CommandFailure(
                NOT_FOUND,
                "the root file system of " + file + " is no plain squashfs, so nothing is known of its MPI"));
        if (json.wanted()) {
            out().println(JsonLine.of(FactsText.members(facts)));
        } else {
            FactsText.lines(facts).forEach(line -> out().println(InspectText.oneLine(line)));
        }
        return 0;
    }

    private InspectMetadata app(InspectMetadata whole) throws CommandFailure {
        String name = selection.app().orElseThrow();
        InspectMetadata found = whole.apps().get(name);
        if (found == null) {
            String known = whole.apps().isEmpty()
                    ? "none"
                    : String.join(", ", whole.apps().keySet());
            throw new CommandFailure(
                    NOT_FOUND, file + " has no app " + name + "; its apps: " + InspectText.oneLine(known));
        }
        return found;
    }

    private static Optional<Encryption> encryption(SifImage image) {
        return image.objects().stream()
                .filter(SifObject::isPrimarySystem)
                .findFirst()
                .flatMap(root -> Encryption.of(image, root));
    }

    private static String note(Encryption encryption) {
        return "dunnage: note: the root file system is encrypted with "
                + encryption.kind().label() + "; opening it takes " + encryption.needs();
    }

    private boolean print(InspectText text) {
        List<String> wanted = selection.isEmpty() ? List.of(InspectSelection.LABELS) : selection.wanted();
        boolean complete = true;
        for (String part : wanted) {
            boolean shown = text.print(part, wanted.size() > 1);
            if (!shown && !selection.isBroad()) {
                err().println("dunnage: the image has no " + part);
                complete = false;
            }
        }
        return complete;
    }

    private Map<String, Object> members(SifImage image, InspectMetadata metadata, Optional<Encryption> encryption) {
        Map<String, Object> object = new LinkedHashMap<>();
        if (selection.isBroad() && selection.app().isEmpty()) {
            object.put("header", SifFacts.header(image));
            object.put("encryption", encryption.map(found -> found.kind().label()));
        }
        Map<String, Object> parts = parts(metadata);
        if (selection.app().isPresent()) {
            parts.remove(InspectSelection.APPS);
        }
        parts.forEach((name, value) -> {
            if (selection.isEmpty() || selection.wanted().contains(name)) {
                object.put(name, value);
            }
        });
        return object;
    }

    private static Map<String, Object> parts(InspectMetadata metadata) {
        Map<String, Object> parts = new LinkedHashMap<>();
        parts.put(InspectSelection.LABELS, metadata.labels());
        parts.put(InspectSelection.ENVIRONMENT, metadata.environment());
        InspectMetadata.TEXTS.forEach(
                name -> parts.put(name, Optional.ofNullable(metadata.texts().get(name))));
        Map<String, Object> apps = new LinkedHashMap<>();
        metadata.apps().forEach((name, app) -> {
            Map<String, Object> members = parts(app);
            members.remove(InspectSelection.APPS);
            apps.put(name, members);
        });
        parts.put(InspectSelection.APPS, apps);
        return parts;
    }
}
