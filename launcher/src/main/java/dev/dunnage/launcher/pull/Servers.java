package dev.dunnage.launcher.pull;

import dev.dunnage.launcher.credentials.Credentials;
import dev.dunnage.launcher.library.LibraryClient;
import dev.dunnage.launcher.reference.ImageReference;
import dev.dunnage.launcher.reference.LibraryReference;
import dev.dunnage.launcher.reference.RegistryReference;
import dev.dunnage.launcher.reference.WebReference;
import dev.dunnage.launcher.registry.RegistryClient;
import dev.dunnage.launcher.registry.RegistrySettings;
import dev.dunnage.launcher.registry.ResolvedImage;
import dev.dunnage.launcher.web.Web;
import dev.dunnage.sif.Architecture;
import java.io.IOException;
import java.net.URI;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * All kinds of servers.
 *
 * @param library address of the library that references without a host mean
 */
public record Servers(Web web, RegistrySettings registries, Credentials credentials, Optional<URI> library) {
    RemoteImage find(ImageReference reference, Architecture architecture, Consumer<String> notices) throws IOException {
        if (reference instanceof RegistryReference named) {
            RegistryClient client = new RegistryClient(web, registries, credentials);
            ResolvedImage image = client.resolve(named, architecture);
            return named.kind() == RegistryReference.Kind.ORAS
                    ? OrasImage.of(client, image)
                    : DockerImage.of(client, image, notices);
        } else if (reference instanceof LibraryReference named) {
            return LibraryImage.of(library(named), named, architecture);
        } else if (reference instanceof WebReference named) {
            allow(named, named.uri().getAuthority());
            return WebImage.of(web, credentials, named);
        }
        throw new PullException(reference, "it is a file already; give its path");
    }

    private void allow(ImageReference reference, String host) throws PullException {
        if (!registries.allows(host)) {
            throw new PullException(
                    reference,
                    "this site does not allow images from " + host + " but from "
                            + String.join(", ", registries.allowed())
                            + " (registries.allowed in dunnage.yaml); copy the image there");
        }
    }

    /** The library that a reference means. */
    public LibraryClient library(LibraryReference reference) throws IOException {
        Optional<URI> named = reference
                .host()
                .map(host -> URI.create((registries.insecure().contains(host) ? "http://" : "https://") + host));
        URI base = named.or(() -> library)
                .orElseThrow(
                        () -> new PullException(
                                reference,
                                "no library is configured here; write library://HOST/..., or set DUNNAGE_LIBRARY=https://HOST"));
        allow(reference, base.getAuthority());
        return new LibraryClient(web, base, credentials.of(base.getAuthority()));
    }

    /** The reference with everything in it that the configuration adds: what a cache calls the image. */
    ImageReference complete(ImageReference reference) {
        if (reference instanceof LibraryReference named && named.host().isEmpty() && library.isPresent()) {
            return new LibraryReference(
                    library.map(URI::getAuthority),
                    named.entity(),
                    named.collection(),
                    named.container(),
                    named.tag(),
                    named.digest());
        }
        return reference;
    }
}
