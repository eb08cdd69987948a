package dev.dunnage.launcher.oci;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A JSON object of an OCI document. Members that have another type than the one asked for count as absent, but for the required
 * ones.
 *
 * @param document what it is, for messages
 */
record OciJson(String document, Map<String, Object> members) {
    private static final int DEPTH = 32;
    private static final int LIMIT = 16 << 20;
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(DEPTH).build())
            .build();

    static OciJson parse(String document, byte[] content) throws OciException {
        if (content.length > LIMIT) {
            throw new OciException(document + " is larger than 16 MiB; such an image cannot be converted");
        }
        try (JsonParser in = FACTORY.createParser(content)) {
            in.nextToken();
            if (value(in) instanceof Map<?, ?> map && in.nextToken() == null) {
                return new OciJson(document, ofNames(map));
            }
        } catch (IOException e) {
            throw new OciException(document + " is not JSON; the image is damaged, push it anew");
        }
        throw new OciException(document + " is not one JSON object; the image is damaged, push it anew");
    }

    private static Map<String, Object> ofNames(Map<?, ?> map) {
        Map<String, Object> named = new LinkedHashMap<>();
        map.forEach((name, value) -> named.put((String) name, value));
        return named;
    }

    /** JSON's null becomes the empty text: both mean that nothing was said. */
    private static Object value(JsonParser in) throws IOException {
        JsonToken token = in.currentToken();
        if (token == JsonToken.START_OBJECT) {
            Map<String, Object> map = new LinkedHashMap<>();
            while (in.nextToken() == JsonToken.FIELD_NAME) {
                String name = in.currentName();
                in.nextToken();
                map.put(name, value(in));
            }
            return map;
        }
        if (token == JsonToken.START_ARRAY) {
            List<Object> list = new ArrayList<>();
            while (in.nextToken() != JsonToken.END_ARRAY) {
                list.add(value(in));
            }
            return list;
        }
        if (token == null) {
            throw new IOException("no value");
        }
        return switch (token) {
            case VALUE_NUMBER_INT -> in.getLongValue();
            case VALUE_NULL -> "";
            default -> in.getText();
        };
    }

    Optional<String> text(String name) {
        return members.get(name) instanceof String text && !text.isEmpty() ? Optional.of(text) : Optional.empty();
    }

    String required(String name) throws OciException {
        return text(name).orElseThrow(() -> missing(name));
    }

    long number(String name) throws OciException {
        if (members.get(name) instanceof Long number) {
            return number;
        }
        throw missing(name);
    }

    private OciException missing(String name) {
        return new OciException(document + " lacks the member '" + name
                + "' or it has another type; the image is damaged, push it anew");
    }

    /** A member that is an object; an empty one when it is absent. */
    OciJson object(String name) {
        return members.get(name) instanceof Map<?, ?> map
                ? new OciJson(document, ofNames(map))
                : new OciJson(document, Map.of());
    }

    /** The objects in a list. */
    List<OciJson> objects(String name) {
        List<OciJson> found = new ArrayList<>();
        if (members.get(name) instanceof List<?> list) {
            for (Object each : list) {
                found.add(new OciJson(document, each instanceof Map<?, ?> map ? ofNames(map) : Map.of()));
            }
        }
        return found;
    }

    /** The texts in a list; a single text counts as a list of one. */
    List<String> texts(String name) {
        List<String> found = new ArrayList<>();
        Object member = members.getOrDefault(name, "");
        if (member instanceof List<?> list) {
            list.forEach(each -> found.add(each instanceof String text ? text : ""));
        } else if (member instanceof String text && !text.isEmpty()) {
            found.add(text);
        }
        return found;
    }

    /** The members of an object whose values are texts. */
    Map<String, String> map(String name) {
        Map<String, String> found = new LinkedHashMap<>();
        object(name).members.forEach((key, value) -> {
            if (value instanceof String text) {
                found.put(key, text);
            }
        });
        return found;
    }
}
