package dev.dunnage.sif.integrity;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Reads the JSON of a signed message, strictly: version 1 only, no member and no object twice, exact member names.
 * Members with other names are passed over.
 */
public final class MessageReader {
    private static final long MAX_ID = 0xFFFFFFFFL;
    private static final Pattern ID = Pattern.compile("[0-9]{1,10}");
    private static final Pattern DIGEST = Pattern.compile("([a-z0-9_]{1,16}):([0-9a-fA-F]{1,128})");

    private final JsonParser parser;

    private MessageReader(JsonParser parser) {
        this.parser = parser;
    }

    /** Reads one message, with nothing before or behind it. */
    public static SignedMessage read(String json) throws MessageException {
        try (JsonParser parser = JsonLimits.factory().createParser(json)) {
            MessageReader reader = new MessageReader(parser);
            reader.expect(parser.nextToken(), JsonToken.START_OBJECT, "the text");
            SignedMessage message = reader.message();
            if (parser.nextToken() != null) {
                throw new MessageException("the signed text goes on behind the JSON object");
            }
            return message;
        } catch (IOException e) {
            throw new MessageException("the signed text is not proper JSON: " + firstLine(e));
        }
    }

    private SignedMessage message() throws IOException, MessageException {
        Digest header = null;
        SortedMap<Long, SignedMessage.Entry> objects = null;
        boolean versioned = false;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            switch (name) {
                case "version" -> versioned = version(value);
                case "header" -> header = header(value);
                case "objects" -> objects = objects(value);
                default -> parser.skipChildren();
            }
        }
        if (!versioned || header == null || objects == null) {
            throw new MessageException("the signed text lacks version, header or objects");
        }
        return new SignedMessage(header, objects);
    }

    private boolean version(JsonToken value) throws IOException, MessageException {
        if (value != JsonToken.VALUE_NUMBER_INT || !parser.getText().equals("1")) {
            throw new MessageException("the signed text is not of version 1");
        }
        return true;
    }

    private Digest header(JsonToken value) throws IOException, MessageException {
        expect(value, JsonToken.START_OBJECT, "header");
        Digest digest = null;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            JsonToken member = parser.nextToken();
            if (name.equals("digest")) {
                digest = digest(member);
            } else {
                parser.skipChildren();
            }
        }
        if (digest == null) {
            throw new MessageException("the header in the signed text has no digest");
        }
        return digest;
    }

    private SortedMap<Long, SignedMessage.Entry> objects(JsonToken value) throws IOException, MessageException {
        expect(value, JsonToken.START_ARRAY, "objects");
        SortedMap<Long, SignedMessage.Entry> objects = new TreeMap<>();
        Set<Long> seen = new HashSet<>();
        for (JsonToken each = parser.nextToken(); each != JsonToken.END_ARRAY; each = parser.nextToken()) {
            expect(each, JsonToken.START_OBJECT, "an entry of objects");
            readEntry(objects, seen);
        }
        return objects;
    }

    private void readEntry(SortedMap<Long, SignedMessage.Entry> objects, Set<Long> seen)
            throws IOException, MessageException {
        Long id = null;
        Digest descriptor = null;
        Digest content = null;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            JsonToken member = parser.nextToken();
            switch (name) {
                case "relativeId" -> id = id(member);
                case "descriptorDigest" -> descriptor = digest(member);
                case "objectDigest" -> content = digest(member);
                default -> parser.skipChildren();
            }
        }
        if (id == null || descriptor == null || content == null) {
            throw new MessageException("an object in the signed text lacks relativeId or a digest");
        }
        if (!seen.add(id)) {
            throw new MessageException("the signed text names relative id %d twice".formatted(id));
        }
        objects.put(id, new SignedMessage.Entry(descriptor, content));
    }

    private Long id(JsonToken value) throws IOException, MessageException {
        if (value == JsonToken.VALUE_NUMBER_INT && ID.matcher(parser.getText()).matches()) {
            long id = Long.parseLong(parser.getText());
            if (id <= MAX_ID) {
                return id;
            }
        }
        throw new MessageException("a relativeId in the signed text is not a whole number from 0 to 2^32-1");
    }

    private Digest digest(JsonToken value) throws IOException, MessageException {
        if (value != JsonToken.VALUE_STRING) {
            throw new MessageException("a digest in the signed text is not a string");
        }
        var match = DIGEST.matcher(parser.getText());
        if (!match.matches()) {
            throw new MessageException("a digest in the signed text is malformed");
        }
        DigestAlgorithm algorithm = DigestAlgorithm.named(match.group(1))
                .orElseThrow(() -> new MessageException(
                        "digest algorithm " + match.group(1) + " is not accepted, sign the image anew"));
        if (match.group(2).length() != 2 * algorithm.length()) {
            throw new MessageException("a digest in the signed text has the wrong length for " + algorithm.label());
        }
        return new Digest(algorithm, match.group(2).toLowerCase(Locale.ROOT));
    }

    private void expect(JsonToken found, JsonToken wanted, String what) throws MessageException {
        if (found != wanted) {
            throw new MessageException("%s in the signed text is not a JSON %s"
                    .formatted(what, wanted == JsonToken.START_ARRAY ? "array" : "object"));
        }
    }

    private static String firstLine(IOException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("damaged");
    }
}
