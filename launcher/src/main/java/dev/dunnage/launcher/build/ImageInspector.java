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
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Finds what an image says about itself. */
public final class ImageInspector {
    private static final int MAX_FILES = 256;

    private ImageInspector() {}

    /**
     * From the metadata object when there is one, else from the files of the root file system, if that is a squashfs and
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
        InspectMetadata found = object.isPresent()
                ? MetadataReader.parse(image.metadata(bytes, object.get()))
                : MetadataFiles.assemble(filesOfRoot(file, image));
        for (SifObject each : image.objects()) {
            if (each.type() == DataType.DEFINITION_FILE) {
                found = found.withText("deffile", new String(image.metadata(bytes, each), StandardCharsets.UTF_8));
            }
        }
        return found;
    }

    private static Map<String, byte[]> filesOfRoot(Path file, SifImage image) throws IOException {
        Optional<SquashfsReader> reader = SquashfsReader.find();
        Optional<SifObject> root = image.objects().stream()
                .filter(SifObject::isPrimarySystem)
                .filter(object -> object.partition()
                        .filter(partition -> partition.fileSystem() == FileSystemKind.SQUASHFS)
                        .isPresent())
                .findFirst();
        if (reader.isEmpty() || root.isEmpty()) {
            return Map.of();
        }
        long offset = root.get().offset();
        Map<String, byte[]> files = new LinkedHashMap<>();
        for (String path : reader.get().list(file, offset, MetadataFiles.directories())) {
            if (MetadataFiles.isOne(path) && files.size() < MAX_FILES) {
                reader.get().read(file, offset, path).ifPresent(content -> files.put(path, content));
            }
        }
        return files;
    }
}
