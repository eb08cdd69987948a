package dev.dunnage.launcher.build;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What builders note about an image in its object {@code inspect-metadata.json}: a copy, for display only.
 *
 * @param labels names and values
 * @param environment scripts by their path in the image
 * @param texts the other texts by their names: {@code runscript}, {@code deffile}, {@code test} ...
 */
public record InspectMetadata(Map<String, String> labels, Map<String, String> environment, Map<String, String> texts) {
    /** Name of the object. */
    public static final String NAME = "inspect-metadata.json";

    private static final int DEPTH = 32;

    /** Nothing known. */
    public static InspectMetadata empty() {
        return new InspectMetadata(Map.of(), Map.of(), Map.of());
    }

    /** Sorts the maps by name. */
    public InspectMetadata {
        labels = sorted(labels);
        environment = sorted(environment);
        texts = sorted(texts);
    }

    private static Map<String, String> sorted(Map<String, String> map) {
        return Collections.unmodifiableMap(new TreeMap<>(map));
    }

    /**
     * Reads the object's content; members of other forms than expected are passed over.
     *
     * @throws ToolException when it is not JSON
     */
    public static InspectMetadata parse(byte[] json) throws ToolException {
        Map<String, String> labels = new TreeMap<>();
        Map<String, String> environment = new TreeMap<>();
        Map<String, String> texts = new TreeMap<>();
        strings(json).forEach((path, value) -> {
            if (path.size() == 4 && path.get(2).equals("labels")) {
                labels.put(path.get(3), value);
            } else if (path.size() == 4 && path.get(2).equals("environment")) {
                environment.put(path.get(3), value);
            } else if (path.size() == 3) {
                texts.put(path.get(2), value);
            }
        });
        return new InspectMetadata(labels, environment, texts);
    }

    /** A flat JSON object of strings, such as {@code labels.json} in an image. */
    public static Map<String, String> labels(byte[] json) throws ToolException {
        Map<String, String> labels = new TreeMap<>();
        strings(json).forEach((path, value) -> {
            if (path.size() == 1) {
                labels.put(path.get(0), value);
            }
        });
        return labels;
    }

    /** Every string in the document by the names of the members that lead to it; arrays are passed over. */
    private static Map<List<String>, String> strings(byte[] json) throws ToolException {
        Map<List<String>, String> found = new LinkedHashMap<>();
        JsonFactory factory = JsonFactory.builder()
                .streamReadConstraints(
                        StreamReadConstraints.builder().maxNestingDepth(DEPTH).build())
                .build();
        try (JsonParser in = factory.createParser(json)) {
            List<String> path = new ArrayList<>();
            for (JsonToken token = in.nextToken(); token != null; token = in.nextToken()) {
                switch (token) {
                    case START_OBJECT -> path.add("");
                    case END_OBJECT -> path.remove(path.size() - 1);
                    case FIELD_NAME -> path.set(path.size() - 1, in.currentName());
                    case START_ARRAY -> in.skipChildren();
                    case VALUE_STRING -> found.put(List.copyOf(path), in.getText());
                    default -> {}
                }
            }
            return found;
        } catch (JsonProcessingException e) {
            throw new ToolException("the metadata of the image is not JSON (" + e.getOriginalMessage()
                    + "); this is harmless for running it, build it anew to mend it");
        } catch (IOException e) {
            throw new IllegalStateException("reading from memory failed", e);
        }
    }

    /** Collects the files of a {@code .singularity.d} directory; empty when there is no such directory. */
    static Optional<byte[]> ofTree(Path directory) throws IOException, ToolException {
        if (!Files.isDirectory(directory)) {
            return Optional.empty();
        }
        Optional<byte[]> labels = ImageBuilder.content(directory.resolve("labels.json"));
        Map<String, String> environment = new TreeMap<>();
        Path scripts = directory.resolve("env");
        if (Files.isDirectory(scripts)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(scripts, "*.sh")) {
                for (Path file : files) {
                    text(file).ifPresent(text -> environment.put("/.singularity.d/env/" + file.getFileName(), text));
                }
            }
        }
        Map<String, String> texts = new TreeMap<>();
        for (Map.Entry<String, String> entry : FILES.entrySet()) {
            text(directory.resolve(entry.getValue())).ifPresent(text -> texts.put(entry.getKey(), text));
        }
        return Optional.of(
                new InspectMetadata(labels.isPresent() ? labels(labels.get()) : Map.of(), environment, texts).toJson());
    }

    private static final Map<String, String> FILES = Map.of(
            "deffile", "Singularity",
            "helpfile", "runscript.help",
            "runscript", "runscript",
            "startscript", "startscript",
            "test", "test");

    private static Optional<String> text(Path file) throws IOException, ToolException {
        return ImageBuilder.content(file).map(bytes -> new String(bytes, StandardCharsets.UTF_8));
    }

    /** The object's content. */
    byte[] toJson() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator out = new JsonFactory().createGenerator(bytes)) {
            out.writeStartObject();
            out.writeObjectFieldStart("data");
            out.writeObjectFieldStart("attributes");
            write(out, "environment", environment);
            write(out, "labels", labels);
            for (Map.Entry<String, String> entry : texts.entrySet()) {
                out.writeStringField(entry.getKey(), entry.getValue());
            }
            out.writeEndObject();
            out.writeEndObject();
            out.writeStringField("type", "container");
            out.writeEndObject();
        }
        return bytes.toByteArray();
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
