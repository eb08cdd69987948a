package dev.dunnage.sif.integrity;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Reads the JSON of a signed message, strictly: version 1 only, no member and no object twice, exact member names.
 * Members with other names are passed over.
 */
public final class MessageReader {
    private static final String TEXT = "signed text";
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
            reader.expect(parser.nextToken(), JsonToken.START_OBJECT, "the whole");
            SignedMessage message = reader.message();
            if (parser.nextToken() != null) {
                throw reader.wrong("what follows the JSON object", "nothing");
            }
            return message;
        } catch (JsonProcessingException e) {
            throw MessageException.notJson(e, TEXT);
        } catch (IOException e) {
            throw new IllegalStateException("reading from memory failed", e);
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
            String absent = !versioned ? "version" : header == null ? "header" : "objects";
            throw new MessageException("member " + absent + " of the signed text", "absent", "there");
        }
        return new SignedMessage(header, objects);
    }

    private boolean version(JsonToken value) throws IOException, MessageException {
        if (value != JsonToken.VALUE_NUMBER_INT || !parser.getText().equals("1")) {
            throw wrong("version", "the number 1");
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
            throw new MessageException("member digest of the header in the signed text", "absent", "there");
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
            String absent = id == null ? "relativeId" : descriptor == null ? "descriptorDigest" : "objectDigest";
            throw new MessageException(
                    "member %s of entry %d in the signed text".formatted(absent, seen.size() + 1), "absent", "there");
        }
        if (!seen.add(id)) {
            throw new MessageException(
                    "relativeId of entry %d in the signed text".formatted(seen.size() + 1),
                    id + " for the second time",
                    "used once");
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
        throw wrong("relativeId", "a whole number from 0 to " + MAX_ID);
    }

    private Digest digest(JsonToken value) throws IOException, MessageException {
        if (value != JsonToken.VALUE_STRING) {
            throw wrong("a digest", "a text");
        }
        var match = DIGEST.matcher(parser.getText());
        if (!match.matches()) {
            throw wrong("a digest", "an algorithm, a colon and hexadecimal digits");
        }
        Optional<DigestAlgorithm> named = DigestAlgorithm.named(match.group(1));
        if (named.isEmpty()) {
            throw wrong("the algorithm of a digest", "one of SHA-2 such as sha256");
        }
        DigestAlgorithm algorithm = named.get();
        if (match.group(2).length() != 2 * algorithm.length()) {
            throw wrong("a digest", "%s with %d digits".formatted(algorithm.label(), 2 * algorithm.length()));
        }
        return new Digest(algorithm, match.group(2).toLowerCase(Locale.ROOT));
    }

    private void expect(JsonToken found, JsonToken wanted, String what) throws IOException, MessageException {
        if (found != wanted) {
            throw wrong(what, wanted == JsonToken.START_ARRAY ? "a JSON array" : "a JSON object");
        }
    }

    private MessageException wrong(String member, String wanted) throws IOException {
        return MessageException.at(parser, member, TEXT, wanted);
    }
}
