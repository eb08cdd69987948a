package dev.dunnage.launcher.oci;

import dev.dunnage.sif.Architecture;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Images in a directory of the OCI image layout. */
public final class OciLayout {
    private static final String TAG = "org.opencontainers.image.ref.name";
    private static final int MAX_NESTING = 8;

    private final Path directory;

    private OciLayout(Path directory) {
        this.directory = directory;
    }

    /**
     * Reads an image of a layout; every blob is checked against its digest.
     *
     * @param tag which one; empty for the only one
     * @param architecture for images of several platforms
     */
    public static OciImage read(Path directory, Optional<String> tag, Architecture architecture)
            throws IOException, OciException {
        Path index = directory.resolve("index.json");
        if (!Files.isRegularFile(index)) {
            throw new OciException(directory + " is no OCI image layout: it has no index.json; check the path");
        }
        OciLayout layout = new OciLayout(directory);
        OciDescriptor manifest = layout.choose(Files.readAllBytes(index), tag, architecture, 0);
        return OciImage.of(Files.readAllBytes(layout.file(manifest)), layout::file);
    }

    /** As {@link #read}, for {@code DIR} or {@code DIR:TAG} as users write it. */
    public static OciImage named(String text, Architecture architecture) throws IOException, OciException {
        int colon = text.lastIndexOf(':');
        if (colon > 0 && !Files.exists(Path.of(text))) {
            return read(Path.of(text.substring(0, colon)), Optional.of(text.substring(colon + 1)), architecture);
        }
        return read(Path.of(text), Optional.empty(), architecture);
    }

    private OciDescriptor choose(byte[] content, Optional<String> tag, Architecture architecture, int depth)
            throws IOException, OciException {
        OciJson json = OciJson.parse("the index of " + directory, content);
        List<OciJson> candidates = json.objects("manifests").stream()
                .filter(each -> tag.isEmpty()
                        || each.map("annotations").getOrDefault(TAG, "").equals(tag.get()))
                .filter(each -> fits(each.object("platform"), architecture))
                .toList();
        if (candidates.size() != 1) {
            throw new OciException(directory + " has " + candidates.size() + " images"
                    + tag.map(name -> " with the tag " + name).orElse("") + " for " + architecture.label()
                    + "; name one by its tag, DIR:TAG");
        }
        OciDescriptor chosen = OciDescriptor.of(candidates.get(0));
        if (chosen.mediaType().contains("index") || chosen.mediaType().contains("manifest.list")) {
            if (depth == MAX_NESTING) {
                throw new OciException(
                        directory + " has lists within lists within lists; such an image is not converted");
            }
            return choose(Files.readAllBytes(file(chosen)), Optional.empty(), architecture, depth + 1);
        }
        return chosen;
    }

    private static boolean fits(OciJson platform, Architecture architecture) {
        Optional<String> named = platform.text("architecture");
        return named.isEmpty() || named.flatMap(Architecture::named).equals(Optional.of(architecture));
    }

    private Path file(OciDescriptor descriptor) throws IOException, OciException {
        String hex = descriptor.digest().substring("sha256:".length());
        Path file = directory.resolve("blobs").resolve("sha256").resolve(hex);
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new OciException(
                    "blob " + descriptor.digest() + " is missing in " + directory + "; copy the image anew");
        }
        if (Files.size(file) != descriptor.size() || !digest(file).equals(hex)) {
            throw new OciException(
                    "blob " + file + " does not have the content that its digest says; copy the image anew");
        }
        return file;
    }

    private static String digest(Path file) throws IOException {
        MessageDigest digest = OciImage.sha256();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
