package dev.dunnage.launcher.registry;

import dev.dunnage.launcher.json.JsonDocument;
import dev.dunnage.launcher.reference.Digest;
import dev.dunnage.launcher.registry.Descriptor.Platform;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads manifests and indexes. */
final class ManifestReader {
    private static final int MAX_LAYERS = 1024;
    private static final long MAX_SIZE = 1L << 46;

    private ManifestReader() {}

    /** The layers of one image. */
    static Manifest manifest(Descriptor self, JsonDocument json) throws IOException {
        if (json.has("fsLayers") || json.number("schemaVersion").orElse(2L) == 1) {
            throw new IOException(
                    "it is of the old schema 1, which is not read: push the image again with a newer tool");
        }
        List<Descriptor> layers = new ArrayList<>();
        for (JsonDocument layer : json.objects("layers")) {
            layers.add(descriptor(layer));
        }
        if (layers.isEmpty() || layers.size() > MAX_LAYERS) {
            throw new IOException("it has " + layers.size() + " layers");
        }
        return new Manifest(self, descriptor(json.object("config")), layers);
    }

    /** The images for several platforms. */
    static List<Descriptor> index(JsonDocument json) throws IOException {
        List<Descriptor> images = new ArrayList<>();
        for (JsonDocument image : json.objects("manifests")) {
            images.add(descriptor(image));
        }
        return images;
    }

    private static Descriptor descriptor(JsonDocument json) throws IOException {
        Digest digest = json.text("digest")
                .flatMap(Digest::parse)
                .orElseThrow(() -> new IOException("a part of it has no SHA-256 digest"));
        long size = json.number("size").orElse(-1L);
        if (size < 0 || size > MAX_SIZE) {
            throw new IOException("a part of it has no sensible size");
        }
        Optional<Platform> platform =
                json.has("platform") ? Optional.of(platform(json.object("platform"))) : Optional.empty();
        return new Descriptor(
                json.text("mediaType").orElse(""),
                digest,
                size,
                platform,
                json.object("annotations").texts());
    }

    private static Platform platform(JsonDocument json) {
        return new Platform(
                json.text("os").orElse(""),
                json.text("architecture").orElse(""),
                json.text("variant").orElse(""));
    }
}
