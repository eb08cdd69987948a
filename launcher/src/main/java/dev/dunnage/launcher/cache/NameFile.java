package dev.dunnage.launcher.cache;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.dunnage.launcher.json.JsonDocument;
import dev.dunnage.launcher.reference.Digest;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * What a name means: a small file, whose time is that of its last use.
 *
 * @param size of the image, by which a file that was cut short is told
 */
record NameFile(String reference, String architecture, String pinned, Digest content, long size) {
    private static final JsonFactory FACTORY = new JsonFactory();
    private static final long LIMIT = 1 << 16;

    /** Reads one; empty when it is not there or is not one. */
    static Optional<NameFile> read(Path file) throws IOException {
        try {
            if (Files.size(file) > LIMIT) {
                return Optional.empty();
            }
            JsonDocument json = JsonDocument.parse(Files.readAllBytes(file));
            Optional<Digest> content = json.text("content").flatMap(Digest::parse);
            return content.map(digest -> new NameFile(
                    json.text("reference").orElse(""),
                    json.text("architecture").orElse(""),
                    json.text("pinned").orElse(""),
                    digest,
                    json.number("size").orElse(-1L)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // what cannot be read is pulled again
        }
    }

    void write(Path file) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = FACTORY.createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("reference", reference);
            json.writeStringField("architecture", architecture);
            json.writeStringField("pinned", pinned);
            json.writeStringField("content", content.toString());
            json.writeNumberField("size", size);
            json.writeStringField("pulled", Instant.now().toString());
            json.writeEndObject();
        }
        Path draft = file.resolveSibling(".draft-" + UUID.randomUUID());
        Files.writeString(draft, text + "\n");
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
