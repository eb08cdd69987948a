package dev.dunnage.launcher.library;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.dunnage.launcher.json.JsonDocument;
import dev.dunnage.launcher.reference.Digest;
import dev.dunnage.launcher.reference.LibraryReference;
import dev.dunnage.launcher.web.FilePublisher;
import dev.dunnage.launcher.web.Meter;
import dev.dunnage.launcher.web.WebAnswer;
import dev.dunnage.launcher.web.WebException;
import dev.dunnage.launcher.web.WebRequest;
import dev.dunnage.sif.Architecture;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Stores an image in a library: makes entity, collection and container where they are missing, uploads, and tags. */
public final class LibraryPusher {
    private static final int NOT_FOUND = 404;

    private final LibraryClient client;
    private final LibraryReference reference;
    private final Meter meter;

    /** Asks for nothing yet. */
    public LibraryPusher(LibraryClient client, LibraryReference reference, Meter meter) {
        this.client = client;
        this.reference = reference;
        this.meter = meter;
    }

    /**
     * Pushes; a file that is there already is not sent again.
     *
     * @param digest of the file
     */
    public void push(Path file, Digest digest, Architecture architecture) throws IOException {
        String entity = place("entities", reference.entity(), reference.entity(), Optional.empty());
        String collection = place(
                "collections",
                reference.entity() + "/" + reference.collection(),
                reference.collection(),
                Optional.of(Map.entry("entity", entity)));
        String container = place(
                "containers",
                reference.path(),
                reference.container(),
                Optional.of(Map.entry("collection", collection)));
        LibraryClient.Image image = image(container, digest, architecture);
        meter.expect(Files.size(file));
        if (image.uploaded()) {
            meter.add(Files.size(file));
        } else {
            upload(image.id(), file, digest);
        }
        tag(container, image.id(), architecture);
    }

    private String place(String kind, String path, String name, Optional<Map.Entry<String, String>> above)
            throws IOException {
        String step = "looking for " + path;
        Optional<JsonDocument> there = client.find(reference.toString(), step, "/v1/" + kind + "/" + path);
        JsonDocument found = there.isPresent()
                ? there.get()
                : post("/v1/" + kind, "making " + path, json -> {
                    json.writeStringField("name", name);
                    json.writeStringField("description", "");
                    if (above.isPresent()) {
                        json.writeStringField(above.get().getKey(), above.get().getValue());
                    }
                });
        return id(found);
    }

    private String id(JsonDocument found) throws WebException {
        return found.text("id")
                .filter(text -> text.matches("[A-Za-z0-9_-]{1,128}"))
                .orElseThrow(() -> new WebException(
                        reference + ": " + client.host() + " gives no id; check that it is a library of images"));
    }

    private LibraryClient.Image image(String container, Digest digest, Architecture architecture) throws IOException {
        String hash = "sha256." + digest.hex();
        String path = "/v1/images/" + reference.path() + ":" + hash + "?arch=" + architecture.label();
        Optional<JsonDocument> there = client.find(reference.toString(), "looking for the image", path);
        JsonDocument data = there.isPresent()
                ? there.get()
                : post("/v1/images", "announcing the image", json -> {
                    json.writeStringField("hash", hash);
                    json.writeStringField("description", "");
                    json.writeStringField("container", container);
                });
        id(data);
        return LibraryClient.image(data);
    }

    private void upload(String id, Path file, Digest digest) throws IOException {
        WebRequest begin = body("POST", "/v2/imagefile/" + id, json -> {
            json.writeNumberField("filesize", Files.size(file));
            json.writeStringField("sha256sum", digest.hex());
        });
        try (WebAnswer answer = client.send(begin)) {
            if (answer.status() == NOT_FOUND) { // an older library takes the file itself
                send(WebRequest.of("POST", client.at("/v1/imagefile/" + id)).authorized(client.authorization()), file);
                return;
            }
            JsonDocument data = client.data(client.wanted(reference.toString(), "beginning an upload", answer));
            URI place = client.at("")
                    .resolve(data.text("uploadURL")
                            .orElseThrow(() -> new WebException(reference + ": " + client.host()
                                    + " names no place for the upload; tell who runs it")));
            // the address itself is the permission
            send(WebRequest.of("PUT", place).with("x-amz-content-sha256", digest.hex()), file);
        }
        WebRequest end = body("PUT", "/v2/imagefile/" + id + "/_complete", json -> {});
        client.wanted(reference.toString(), "ending the upload", client.send(end))
                .close();
    }

    private void send(WebRequest request, Path file) throws IOException {
        WebRequest full =
                request.with("Content-Type", "application/octet-stream").sending(() -> FilePublisher.of(file, meter));
        client.wanted(reference.toString(), "sending the image", client.send(full))
                .close();
    }

    private void tag(String container, String image, Architecture architecture) throws IOException {
        WebRequest request = body("POST", "/v2/tags/" + container, json -> {
            json.writeObjectFieldStart(architecture.label());
            json.writeStringField(reference.tag(), image);
            json.writeEndObject();
        });
        client.wanted(reference.toString(), "naming the image", client.send(request))
                .close();
    }

    /** Writes the members of an object. */
    @FunctionalInterface
    private interface Members {
        void write(JsonGenerator json) throws IOException;
    }

    private JsonDocument post(String path, String step, Members members) throws IOException {
        try (WebAnswer answer = client.send(body("POST", path, members))) {
            return client.data(client.wanted(reference.toString(), step, answer));
        }
    }

    private WebRequest body(String method, String path, Members members) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.writeStartObject();
            members.write(json);
            json.writeEndObject();
        }
        return WebRequest.of(method, client.at(path))
                .with("Content-Type", "application/json")
                .authorized(client.authorization())
                .sending(() -> BodyPublishers.ofString(text.toString()));
    }
}
