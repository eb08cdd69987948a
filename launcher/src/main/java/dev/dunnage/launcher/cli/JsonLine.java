package dev.dunnage.launcher.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Values as one line of JSON: maps, lists, texts, numbers, truth values, times and optional ones. */
final class JsonLine {
    private static final JsonFactory FACTORY = new JsonFactory();

    private JsonLine() {}

    static String of(Map<String, ?> object) {
        StringWriter text = new StringWriter();
        try (JsonGenerator out = FACTORY.createGenerator(text)) {
            write(out, object);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    private static void write(JsonGenerator out, Object value) throws IOException {
        if (value instanceof Map<?, ?> map) {
            writeMembers(out, map);
        } else if (value instanceof List<?> list) {
            out.writeStartArray();
            for (Object element : list) {
                write(out, element);
            }
            out.writeEndArray();
        } else if (value instanceof Optional<?> optional) {
            writeOptional(out, optional);
        } else if (value instanceof Long || value instanceof Integer) {
            out.writeNumber(((Number) value).longValue());
        } else if (value instanceof Boolean truth) {
            out.writeBoolean(truth);
        } else if (value instanceof String || value instanceof Instant) {
            out.writeString(value.toString());
        } else {
            throw new IllegalArgumentException("no JSON for " + value.getClass());
        }
    }

    private static void writeMembers(JsonGenerator out, Map<?, ?> map) throws IOException {
        out.writeStartObject();
        for (Map.Entry<?, ?> member : map.entrySet()) {
            out.writeFieldName(String.valueOf(member.getKey()));
            write(out, member.getValue());
        }
        out.writeEndObject();
    }

    private static void writeOptional(JsonGenerator out, Optional<?> value) throws IOException {
        if (value.isPresent()) {
            write(out, value.get());
        } else {
            out.writeNull();
        }
    }
}
