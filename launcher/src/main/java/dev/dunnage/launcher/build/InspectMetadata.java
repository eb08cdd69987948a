package dev.dunnage.launcher.build;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What builders note about an image in its object {@code inspect-metadata.json}: a copy, for display only.
 *
 * @param labels names and values
 * @param environment scripts by their path in the image
 * @param texts the other texts by their names, some of {@link #TEXTS}
 * @param apps the same for each SCIF app of the image, which has no apps itself
 */
public record InspectMetadata(
        Map<String, String> labels,
        Map<String, String> environment,
        Map<String, String> texts,
        Map<String, InspectMetadata> apps) {
    /** Name of the object. */
    public static final String NAME = "inspect-metadata.json";

    /** Names of the texts that there can be. */
    public static final List<String> TEXTS = List.of("deffile", "helpfile", "runscript", "startscript", "test");

    /** Sorts the maps by name. */
    public InspectMetadata {
        labels = sorted(labels);
        environment = sorted(environment);
        texts = sorted(texts);
        apps = sorted(apps);
    }

    private static <T> Map<String, T> sorted(Map<String, T> map) {
        return Collections.unmodifiableMap(new TreeMap<>(map));
    }

    /** Nothing known. */
    public static InspectMetadata empty() {
        return new InspectMetadata(Map.of(), Map.of(), Map.of(), Map.of());
    }

    /** The same with one more text, unless it has that one. */
    InspectMetadata withText(String name, String text) {
        Map<String, String> more = new TreeMap<>(texts);
        more.putIfAbsent(name, text);
        return new InspectMetadata(labels, environment, more, apps);
    }

    /** The object's content. */
    byte[] toJson() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator out = new JsonFactory().createGenerator(bytes)) {
            out.writeStartObject();
            out.writeObjectFieldStart("data");
            out.writeObjectFieldStart("attributes");
            if (!apps.isEmpty()) {
                out.writeObjectFieldStart("apps");
                for (Map.Entry<String, InspectMetadata> app : apps.entrySet()) {
                    out.writeObjectFieldStart(app.getKey());
                    app.getValue().writeMembers(out);
                    out.writeEndObject();
                }
                out.writeEndObject();
            }
            writeMembers(out);
            out.writeEndObject();
            out.writeEndObject();
            out.writeStringField("type", "container");
            out.writeEndObject();
        }
        return bytes.toByteArray();
    }

    private void writeMembers(JsonGenerator out) throws IOException {
        write(out, "environment", environment);
        write(out, "labels", labels);
        for (Map.Entry<String, String> entry : texts.entrySet()) {
            out.writeStringField(entry.getKey(), entry.getValue());
        }
    }

    private static void write(JsonGenerator out, String name, Map<String, String> map) throws IOException {
        if (!map.isEmpty()) {
            out.writeObjectFieldStart(name);
            for (Map.Entry<String, String> entry : map.entrySet()) {
                out.writeStringField(entry.getKey(), entry.getValue());
            }
            out.writeEndObject();
        }
    }
}
