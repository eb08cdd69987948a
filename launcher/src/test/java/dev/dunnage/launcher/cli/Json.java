package dev.dunnage.launcher.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads one line of JSON back, strictly one value. */
final class Json {
    private Json() {}

    static Map<String, Object> object(String line) throws IOException {
        try (JsonParser in = new JsonFactory().createParser(line.strip())) {
            assertIs(in.nextToken(), JsonToken.START_OBJECT);
            Map<String, Object> object = members(in);
            if (in.nextToken() != null) {
                throw new IOException("more than one value: " + line);
            }
            return object;
        }
    }

    private static void assertIs(@Nullable JsonToken found, JsonToken wanted) throws IOException {
        if (found != wanted) {
            throw new IOException(found + " instead of " + wanted);
        }
    }

    private static Map<String, Object> members(JsonParser in) throws IOException {
        Map<String, Object> object = new LinkedHashMap<>();
        while (in.nextToken() == JsonToken.FIELD_NAME) {
            String name = in.currentName();
            in.nextToken();
            object.put(name, value(in));
        }
        return object;
    }

    private static Object value(JsonParser in) throws IOException {
        return switch (in.currentToken()) {
            case START_OBJECT -> members(in);
            case START_ARRAY -> {
                List<Object> list = new ArrayList<>();
                while (in.nextToken() != JsonToken.END_ARRAY) {
                    list.add(value(in));
                }
                yield list;
            }
            case VALUE_STRING -> in.getText();
            case VALUE_NUMBER_INT -> in.getLongValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> "null";
            default -> throw new IOException("unexpected " + in.currentToken());
        };
    }
}
