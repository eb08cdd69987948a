package dev.dunnage.launcher.pull;

import dev.dunnage.launcher.library.LibraryClient;
import dev.dunnage.launcher.reference.Digest;
import dev.dunnage.launcher.reference.ImageReference;
import dev.dunnage.launcher.reference.LibraryReference;
import dev.dunnage.launcher.web.Download;
import dev.dunnage.sif.Architecture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A SIF file in a container library. */
record LibraryImage(
        LibraryClient client, LibraryReference reference, Architecture architecture, LibraryClient.Image image)
        implements RemoteImage {
    static LibraryImage of(LibraryClient client, LibraryReference reference, Architecture architecture)
            throws IOException {
        LibraryClient.Image image = client.resolve(reference, architecture);
        if (reference.digest().isPresent() && !reference.digest().equals(image.digest())) {
            throw new PullException(
                    reference,
                    "the library has another image under this tag now"
                            + image.digest().map(found -> ", " + found).orElse("")
                            + "; take the digest out to get it, or ask its owner for the old one");
        }
        return new LibraryImage(client, reference, architecture, image);
    }

    @Override
    public Optional<Digest> content() {
        return image.digest();
    }

    @Override
    public ImageReference pinned(Digest content) {
        return new LibraryReference(
                reference.host(),
                reference.entity(),
                reference.collection(),
                reference.container(),
                reference.tag(),
                Optional.of(content));
    }

    @Override
    public Fetched fetch(Parts parts) throws IOException {
        Download download = client.download(reference, architecture, image);
        if (image.digest().isPresent()) {
            return new Fetched(
                    parts.fetch(image.digest().get(), download), image.digest().get());
        }
        Path file = parts.file("library-" + image.id().replaceAll("[^A-Za-z0-9_-]", "_"));
        Files.deleteIfExists(file); // nothing tells whether the beginning is of the same image
        return new Fetched(file, parts.append(file, download));
    }
}
