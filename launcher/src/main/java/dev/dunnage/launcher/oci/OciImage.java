package dev.dunnage.launcher.oci;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * An image with all its parts at hand.
 *
 * @param manifestDigest {@code sha256:HEX} of the manifest, which names everything else by digest
 * @param configContent the configuration as it stands
 * @param layers lowest first
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
public record OciImage(String manifestDigest, byte[] configContent, OciConfig config, List<OciLayer> layers) {
    private static final int MAX_LAYERS = 1024;
    private static final long CONFIG_LIMIT = 16 << 20;
    private static final String DOCUMENT = "the image's manifest";

    /** Brings the blob of a descriptor to this machine. */
    @FunctionalInterface
    public interface Blobs {
        /** A file whose content has the descriptor's size and digest. */
        Path file(OciDescriptor descriptor) throws IOException, OciException;
    }

    /** What a manifest names: the configuration, and the layers with the lowest first. */
    public record Parts(OciDescriptor config, List<OciDescriptor> layers) {}

    /**
     * Reads a manifest without fetching anything.
     *
     * @throws OciException when it is not the manifest of an image whose layers are tar archives
     */
    public static Parts parts(byte[] manifest) throws OciException {
        OciJson json = OciJson.parse(DOCUMENT, manifest);
        if (!json.objects("manifests").isEmpty()) {
            throw new OciException("a list of images was given as an image; name one of its platforms");
        }
        if (json.members().containsKey("fsLayers")) {
            throw new OciException("the image has the manifest version 1, which is no longer in use; push it anew");
        }
        List<OciDescriptor> layers = new ArrayList<>();
        for (OciJson layer : json.objects("layers")) {
            layers.add(tarLayer(OciDescriptor.of(layer)));
        }
        if (layers.size() > MAX_LAYERS) {
            throw new OciException("the image has " + layers.size() + " layers; more than 1024 are not converted");
        }
        return new Parts(OciDescriptor.of(json.object("config")), layers);
    }

    private static OciDescriptor tarLayer(OciDescriptor layer) throws OciException {
        String type = layer.mediaType();
        if (type.contains("encrypted")) {
            throw new OciException("a layer of the image is encrypted; decrypt the image first");
        }
        if (!type.isEmpty() && !type.matches("application/vnd\\.(oci|docker)\\.image\\..*(tar|diff\\.tar).*")) {
            throw new OciException(
                    "the image holds something else than layers of files; if it is a SIF, use oras:// instead of docker://");
        }
        return layer;
    }

    /**
     * Gathers an image.
     *
     * @param manifest whose digest the caller has checked
     */
    public static OciImage of(byte[] manifest, Blobs blobs) throws IOException, OciException {
        Parts parts = parts(manifest);
        Path config = blobs.file(parts.config());
        List<Path> files = new ArrayList<>();
        for (OciDescriptor layer : parts.layers()) {
            files.add(blobs.file(layer));
        }
        return of(digest(manifest), config, files);
    }

    /**
     * Gathers an image whose blobs are files of this machine, known to have the digests of the manifest.
     *
     * @param layers lowest first
     */
    public static OciImage of(String manifestDigest, Path config, List<Path> layers) throws IOException, OciException {
        List<Blob> blobs = new ArrayList<>();
        for (Path layer : layers) {
            blobs.add(new Blob(() -> Files.newInputStream(layer), Files.size(layer)));
        }
        return ofBlobs(manifestDigest, config, blobs);
    }

    /**
     * A layer as it is stored.
     *
     * @param content whose end is only reached when its digest is right
     * @param size in bytes
     */
    public record Blob(OciLayer.Content content, long size) {}

    /** The same with layers that may still be on their way. */
    public static OciImage ofBlobs(String manifestDigest, Path config, List<Blob> layers)
            throws IOException, OciException {
        if (Files.size(config) > CONFIG_LIMIT) {
            throw new OciException(
                    "the image's configuration is larger than 16 MiB; such an image cannot be converted");
        }
        byte[] content = Files.readAllBytes(config);
        OciConfig parsed = OciConfig.parse(content);
        int count = layers.size();
        if (parsed.diffIds().size() != count) {
            throw new OciException("the image has " + count + " layers but its configuration knows "
                    + parsed.diffIds().size() + "; the image is damaged, push it anew");
        }
        List<OciLayer> opened = new ArrayList<>();
        for (int at = 0; at < count; at++) {
            Blob blob = layers.get(at);
            String name = "layer " + (at + 1) + " of " + count;
            opened.add(new OciLayer(name, blob.content(), blob.size()));
        }
        return new OciImage(manifestDigest, content, parsed, opened);
    }

    /** {@code sha256:HEX} of some bytes. */
    public static String digest(byte[] content) {
        return "sha256:" + HexFormat.of().formatHex(sha256().digest(content));
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
