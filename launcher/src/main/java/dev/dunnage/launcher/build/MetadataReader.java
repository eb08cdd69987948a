package dev.dunnage.launcher.build;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads the JSON that builders put into images: the metadata object, and {@code labels.json}. */
final class MetadataReader {
    private static final int DEPTH = 32;
    private static final List<String> ATTRIBUTES = List.of("data", "attributes");
    private static final List<String> APPS = List.of("data", "attributes", "apps");

    private MetadataReader() {}

    /**
     * Reads the object's content; members of other forms than expected are passed over.
     *
     * @throws ToolException when it is not JSON
     */
    static InspectMetadata parse(byte[] json) throws ToolException {
        Map<List<String>, String> values = strings(json);
        Map<String, Map<List<String>, String>> ofApps = new TreeMap<>();
        below(values, APPS).forEach((path, value) -> {
            if (path.size() > 1) {
                ofApps.computeIfAbsent(path.get(0), name -> new LinkedHashMap<>())
                        .put(path.subList(1, path.size()), value);
            }
        });
        Map<String, InspectMetadata> apps = new TreeMap<>();
        ofApps.forEach((name, members) -> apps.put(name, members(members, Map.of())));
        return members(below(values, ATTRIBUTES), apps);
    }

    private static InspectMetadata members(Map<List<String>, String> values, Map<String, InspectMetadata> apps) {
        Map<String, String> texts = new TreeMap<>();
        for (String name : InspectMetadata.TEXTS) {
            String text = values.get(List.of(name));
            if (text != null) {
                texts.put(name, text);
            }
        }
        return new InspectMetadata(
                flat(below(values, List.of("labels"))), flat(below(values, List.of("environment"))), texts, apps);
    }

    /** A flat JSON object of strings, such as {@code labels.json} in an image. */
    static Map<String, String> labels(byte[] json) throws ToolException {
        return flat(strings(json));
    }

    private static Map<String, String> flat(Map<List<String>, String> values) {
        Map<String, String> flat = new TreeMap<>();
        values.forEach((path, value) -> {
            if (path.size() == 1) {
                flat.put(path.get(0), value);
            }
        });
        return flat;
    }

    /** Values under a path, by the rest of their own. */
    private static Map<List<String>, String> below(Map<List<String>, String> values, List<String> start) {
        Map<List<String>, String> found = new LinkedHashMap<>();
        values.forEach((path, value) -> {
            if (path.size() > start.size() && path.subList(0, start.size()).equals(start)) {
                found.put(List.copyOf(path.subList(start.size(), path.size())), value);
            }
        });
        return found;
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
}
