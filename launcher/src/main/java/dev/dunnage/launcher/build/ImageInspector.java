package dev.dunnage.launcher.build;

import dev.dunnage.sif.DataType;
import dev.dunnage.sif.FileSystemKind;
import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifFormatException;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Finds what an image says about itself. */
public final class ImageInspector {
    private ImageInspector() {}

    /**
     * From the metadata object when there is one, else labels and runscript from the root file system, if
     * {@code unsquashfs} is installed. The definition file has an object of its own.
     *
     * @param file the image that the bytes are read from
     */
    public static InspectMetadata inspect(Path file, SifImage image, ImageBytes bytes)
            throws IOException, SifFormatException, ToolException {
        Optional<SifObject> object = image.objects().stream()
                .filter(each ->
                        each.type() == DataType.GENERIC_JSON && each.name().equals(InspectMetadata.NAME))
                .findFirst();
        InspectMetadata found =
                object.isPresent() ? InspectMetadata.parse(image.metadata(bytes, object.get())) : fromTree(file, image);
        return withDefinition(found, image, bytes);
    }

    private static InspectMetadata withDefinition(InspectMetadata found, SifImage image, ImageBytes bytes)
            throws IOException, SifFormatException {
        Map<String, String> texts = new TreeMap<>(found.texts());
        for (SifObject object : image.objects()) {
            if (object.type() == DataType.DEFINITION_FILE && !texts.containsKey("deffile")) {
                texts.put("deffile", new String(image.metadata(bytes, object), StandardCharsets.UTF_8));
            }
        }
        return new InspectMetadata(found.labels(), found.environment(), texts);
    }

    private static InspectMetadata fromTree(Path file, SifImage image) throws IOException, ToolException {
        Optional<SquashfsReader> reader = SquashfsReader.find();
        Optional<SifObject> root = image.objects().stream()
                .filter(SifObject::isPrimarySystem)
                .filter(object -> object.partition()
                        .filter(partition -> partition.fileSystem() == FileSystemKind.SQUASHFS)
                        .isPresent())
                .findFirst();
        if (reader.isEmpty() || root.isEmpty()) {
            return InspectMetadata.empty();
        }
        long offset = root.get().offset();
        Optional<byte[]> labels = reader.get().read(file, offset, ".singularity.d/labels.json");
        Map<String, String> texts = new TreeMap<>();
        reader.get()
                .read(file, offset, ".singularity.d/runscript")
                .ifPresent(text -> texts.put("runscript", new String(text, StandardCharsets.UTF_8)));
        return new InspectMetadata(
                labels.isPresent() ? InspectMetadata.labels(labels.get()) : Map.of(), Map.of(), texts);
    }
}
