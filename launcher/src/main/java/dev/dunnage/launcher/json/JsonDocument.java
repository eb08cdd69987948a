package dev.dunnage.launcher.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A JSON object that a server or another program wrote, with getters that take nothing for granted. */
public final class JsonDocument {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final int MAX_DEPTH = 64;

    private final Map<String, Object> members;

    private JsonDocument(Map<String, Object> members) {
        this.members = members;
    }

    /**
     * Reads an object.
     *
     * @throws IOException when it is none
     */
    public static JsonDocument parse(byte[] text) throws IOException {
        try (JsonParser parser = FACTORY.createParser(text)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("it is no JSON object");
            }
            JsonDocument document = new JsonDocument(object(parser, 0));
            if (parser.nextToken() != null) {
                throw new IOException("something follows the JSON object");
            }
            return document;
        }
    }

    private static Map<String, Object> object(JsonParser parser, int depth) throws IOException {
        Map<String, Object> members = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            value(parser, depth).ifPresent(value -> members.put(name, value));
        }
        return members;
    }

    private static Optional<Object> value(JsonParser parser, int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw new IOException("it is nested too deeply");
        }
        return switch (parser.currentToken()) {
            case START_OBJECT -> Optional.of(object(parser, depth + 1));
            case START_ARRAY -> Optional.of(array(parser, depth + 1));
            case VALUE_STRING -> Optional.of(parser.getText());
            case VALUE_NUMBER_INT -> Optional.of(parser.getLongValue());
            case VALUE_NUMBER_FLOAT -> Optional.of(parser.getDoubleValue());
            case VALUE_TRUE, VALUE_FALSE -> Optional.of(parser.getBooleanValue());
            default -> Optional.empty();
        };
    }

    private static List<Object> array(JsonParser parser, int depth) throws IOException {
        List<Object> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            value(parser, depth).ifPresent(items::add);
        }
        return items;
    }

    /** A member that is a text. */
    public Optional<String> text(String name) {
        return get(name, String.class);
    }

    /** A member that is a whole number. */
    public Optional<Long> number(String name) {
        return get(name, Long.class);
    }

    /** A member that is true or false. */
    public Optional<Boolean> flag(String name) {
        return get(name, Boolean.class);
    }

    /** A member that is an object; an empty one when it is not there. */
    public JsonDocument object(String name) {
        return members.get(name) instanceof Map<?, ?> map ? of(map) : new JsonDocument(Map.of());
    }

    /** Whether the member is there and is not null. */
    public boolean has(String name) {
        return members.containsKey(name);
    }

    /** The objects in a list; empty when there is none. */
    public List<JsonDocument> objects(String name) {
        List<JsonDocument> found = new ArrayList<>();
        if (members.get(name) instanceof List<?> list) {
            for (Object item : list) {
                if (item instanceof Map<?, ?> map) {
                    found.add(of(map));
                }
            }
        }
        return found;
    }

    /** The texts in a list; empty when there is none. */
    public List<String> texts(String name) {
        List<String> found = new ArrayList<>();
        if (members.get(name) instanceof List<?> list) {
            list.stream().filter(String.class::isInstance).forEach(item -> found.add((String) item));
        }
        return found;
    }

    /** The members that are texts, in their order. */
    public Map<String, String> texts() {
        Map<String, String> found = new LinkedHashMap<>();
        members.forEach((name, value) -> {
            if (value instanceof String text) {
                found.put(name, text);
            }
        });
        return found;
    }

    /** The names of all members, in their order. */
    public List<String> names() {
        return List.copyOf(members.keySet());
    }

    private <T> Optional<T> get(String name, Class<T> type) {
        Object value = members.get(name);
        return type.isInstance(value) ? Optional.of(type.cast(value)) : Optional.empty();
    }

    private static JsonDocument of(Map<?, ?> map) {
        Map<String, Object> members = new LinkedHashMap<>();
        map.forEach((name, value) -> members.put(String.valueOf(name), value));
        return new JsonDocument(members);
    }
}
