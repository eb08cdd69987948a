package dev.dunnage.launcher.pull;

import dev.dunnage.launcher.reference.Digest;
import dev.dunnage.launcher.reference.ImageReference;
import dev.dunnage.launcher.registry.Descriptor;
import dev.dunnage.launcher.registry.MediaTypes;
import dev.dunnage.launcher.registry.RegistryClient;
import dev.dunnage.launcher.registry.ResolvedImage;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** A SIF file in a registry. */
record OrasImage(RegistryClient client, ResolvedImage image, Descriptor sif) implements RemoteImage {
    static OrasImage of(RegistryClient client, ResolvedImage image) throws PullException {
        List<Descriptor> files = image.manifest().layers().stream()
                .filter(layer -> MediaTypes.isSif(layer.mediaType()))
                .toList();
        if (files.size() != 1) {
            throw new PullException(
                    image.reference(),
                    "the image there holds " + files.size() + " SIF files instead of one; "
                            + (files.isEmpty()
                                    ? "if it is made of layers, write docker:// instead of oras://"
                                    : "push each of them under a name of its own"));
        }
        return new OrasImage(client, image, files.get(0));
    }

    @Override
    public Optional<Digest> content() {
        return Optional.of(sif.digest());
    }

    @Override
    public ImageReference pinned(Digest content) {
        return image.reference().pinned(image.named());
    }

    @Override
    public Fetched fetch(Parts parts) throws IOException {
        return new Fetched(parts.fetch(sif.digest(), client.blob(image, sif)), sif.digest());
    }
}
