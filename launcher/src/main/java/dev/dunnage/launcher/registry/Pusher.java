package dev.dunnage.launcher.registry;

import dev.dunnage.launcher.reference.Digest;
import dev.dunnage.launcher.reference.RegistryReference;
import dev.dunnage.launcher.web.Meter;
import dev.dunnage.launcher.web.WebAnswer;
import dev.dunnage.launcher.web.WebException;
import dev.dunnage.launcher.web.WebRequest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Puts SIF images into a registry, in the form that Apptainer and ORAS pull. */
public final class Pusher {
    private static final int NOT_FOUND = 404;
    private static final byte[] EMPTY = {};

    private final RegistryClient client;
    private final Meter meter;

    /** Asks for nothing yet. */
    public Pusher(RegistryClient client, Meter meter) {
        this.client = client;
        this.meter = meter;
    }

    /**
     * Pushes an image; a blob that is there already is not sent again.
     *
     * @param title file name, for tools that unpack
     * @param digest of the file
     * @return digest of the manifest
     */
    public Digest push(RegistryReference reference, Path file, String title, Digest digest) throws IOException {
        Endpoint endpoint = client.origin(reference);
        Upload image = Upload.of(digest, file);
        Upload config = Upload.of(Resolution.digest(EMPTY), EMPTY);
        meter.expect(image.size());
        upload(reference, endpoint, config);
        upload(reference, endpoint, image);
        byte[] manifest = SifManifest.of(config, image, title).getBytes(StandardCharsets.UTF_8);
        putManifest(reference, endpoint, manifest);
        return Resolution.digest(manifest);
    }

    private void upload(RegistryReference reference, Endpoint endpoint, Upload blob) throws IOException {
        if (isThere(reference, endpoint, blob)) {
            meter.add(blob.size());
            return;
        }
        URI uploads = endpoint.at(reference.repository(), "/blobs/uploads/");
        URI location;
        try (WebAnswer begun = ask(reference, endpoint, "beginning an upload", WebRequest.of("POST", uploads))) {
            location = uploads.resolve(begun.header("Location")
                    .orElseThrow(() -> new WebException(
                            reference + ": " + endpoint + " names no place for the upload; tell who runs it")));
        }
        URI place = URI.create(location + (location.getRawQuery() == null ? "?" : "&") + "digest=" + blob.digest());
        WebRequest put = WebRequest.of("PUT", place)
                .with("Content-Type", "application/octet-stream")
                .sending(() -> blob.publisher(meter));
        ask(reference, endpoint, "sending the image", put).close();
    }

    private boolean isThere(RegistryReference reference, Endpoint endpoint, Upload blob) throws IOException {
        WebRequest head = WebRequest.of("HEAD", endpoint.at(reference.repository(), "/blobs/" + blob.digest()));
        try (WebAnswer answer = client.ask(endpoint, scope(reference, endpoint), head)) {
            if (answer.status() != NOT_FOUND) {
                RegistryClient.wanted(reference, "asking for write access", answer)
                        .close();
            }
            return answer.isSuccess();
        }
    }

    private void putManifest(RegistryReference reference, Endpoint endpoint, byte[] manifest) throws IOException {
        WebRequest put = WebRequest.of(
                        "PUT", endpoint.at(reference.repository(), "/manifests/" + reference.qualifier()))
                .with("Content-Type", MediaTypes.MANIFEST)
                .sending(() -> BodyPublishers.ofByteArray(manifest));
        ask(reference, endpoint, "naming the image", put).close();
    }

    private WebAnswer ask(RegistryReference reference, Endpoint endpoint, String step, WebRequest request)
            throws IOException {
        return RegistryClient.wanted(reference, step, client.ask(endpoint, scope(reference, endpoint), request));
    }

    private static String scope(RegistryReference reference, Endpoint endpoint) {
        return RegistryClient.scope(endpoint, reference.repository(), "pull,push");
    }
}
