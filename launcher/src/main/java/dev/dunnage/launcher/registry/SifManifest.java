package dev.dunnage.launcher.registry;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;

/** The manifest of a pushed SIF image. The same image makes the same manifest, whenever it is pushed. */
final class SifManifest {
    private static final JsonFactory FACTORY = new JsonFactory();

    private SifManifest() {}

    static String of(Upload config, Upload image, String title) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = FACTORY.createGenerator(text)) {
            json.writeStartObject();
            json.writeNumberField("schemaVersion", 2);
            json.writeStringField("mediaType", MediaTypes.MANIFEST);
            json.writeObjectFieldStart("config");
            descriptor(json, MediaTypes.SIF_CONFIG, config);
            json.writeEndObject();
            json.writeArrayFieldStart("layers");
            json.writeStartObject();
            descriptor(json, MediaTypes.SIF_LAYER, image);
            json.writeObjectFieldStart("annotations");
            json.writeStringField("org.opencontainers.image.title", title);
            json.writeEndObject();
            json.writeEndObject();
            json.writeEndArray();
            json.writeEndObject();
        }
        return text.toString();
    }

    private static void descriptor(JsonGenerator json, String type, Upload blob) throws IOException {
        json.writeStringField("mediaType", type);
        json.writeStringField("digest", blob.digest().toString());
        json.writeNumberField("size", blob.size());
    }
}
