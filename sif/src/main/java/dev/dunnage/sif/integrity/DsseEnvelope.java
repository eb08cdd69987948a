package dev.dunnage.sif.integrity;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.dunnage.sif.Printable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;

/** A DSSE envelope (Dead Simple Signing Envelope, version 1) with a SIF message in it. Key ids are hints and not read. */
public final class DsseEnvelope {
    private static final String TYPE = "application/vnd.sylabs.sif-metadata+json";
    private static final String TEXT = "DSSE envelope";
    private static final int MAX_SIGNATURES = 64;

    private final byte[] payload;
    private final List<byte[]> signatures;

    private DsseEnvelope(byte[] payload, List<byte[]> signatures) {
        this.payload = payload;
        this.signatures = signatures;
    }

    /** Reads one envelope, with nothing before or behind it. */
    public static DsseEnvelope read(byte[] content) throws MessageException {
        try (JsonParser parser = JsonLimits.factory().createParser(text(content))) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw wrong(parser, "the whole", "a JSON object");
            }
            DsseEnvelope envelope = envelope(parser);
            if (parser.nextToken() != null) {
                throw wrong(parser, "what follows the envelope", "nothing");
            }
            return envelope;
        } catch (CharacterCodingException e) {
            throw new MessageException("the DSSE envelope", "no UTF-8 text", "UTF-8");
        } catch (JsonProcessingException e) {
            throw MessageException.notJson(e, TEXT);
        } catch (IOException e) {
            throw new IllegalStateException("reading from memory failed", e);
        }
    }

    private static DsseEnvelope envelope(JsonParser parser) throws IOException, MessageException {
        String type = "";
        byte[] payload = {};
        List<byte[]> signatures = List.of();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            switch (name) {
                case "payloadType" -> type = string(parser);
                case "payload" -> payload = base64(parser, string(parser));
                case "signatures" -> signatures = signatures(parser);
                default -> parser.skipChildren();
            }
        }
        if (!type.equals(TYPE)) {
            throw new MessageException("payloadType of the DSSE envelope", Printable.excerpt(type), TYPE);
        }
        if (signatures.isEmpty() || signatures.size() > MAX_SIGNATURES) {
            throw new MessageException(
                    "number of signatures in the DSSE envelope", "" + signatures.size(), "1 to " + MAX_SIGNATURES);
        }
        return new DsseEnvelope(payload, signatures);
    }

    private static List<byte[]> signatures(JsonParser parser) throws IOException, MessageException {
        List<byte[]> signatures = new ArrayList<>();
        expect(parser, JsonToken.START_ARRAY, "signatures", "a JSON array");
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            expect(parser, JsonToken.START_OBJECT, "an entry of signatures", "a JSON object");
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                parser.nextToken();
                if (name.equals("sig")) {
                    signatures.add(base64(parser, string(parser)));
                } else {
                    parser.skipChildren();
                }
            }
        }
        return signatures;
    }

    private static String string(JsonParser parser) throws IOException, MessageException {
        expect(parser, JsonToken.VALUE_STRING, "member " + parser.currentName(), "a text");
        return parser.getText();
    }

    private static void expect(JsonParser parser, JsonToken wanted, String member, String what)
            throws IOException, MessageException {
        if (parser.currentToken() != wanted) {
            throw wrong(parser, member, what);
        }
    }

    private static MessageException wrong(JsonParser parser, String member, String wanted) throws IOException {
        return MessageException.at(parser, member, TEXT, wanted);
    }

    /** The usual letters, or those for addresses: DSSE allows both. */
    private static byte[] base64(JsonParser parser, String text) throws IOException, MessageException {
        try {
            return Base64.getDecoder().decode(text.replace('-', '+').replace('_', '/'));
        } catch (IllegalArgumentException e) {
            throw wrong(parser, "member " + parser.currentName(), "base64");
        }
    }

    /**
     * One signature of an envelope to be written.
     *
     * @param keyId hint for those who look for the key: its fingerprint as OpenSSH shows it
     */
    @SuppressWarnings("ArrayRecordComponent") // a carrier of arguments, never compared
    public record Entry(String keyId, byte[] signature) {}

    /** Writes an envelope on one line, without a line end. */
    public static byte[] format(byte[] payload, List<Entry> entries) {
        Base64.Encoder base64 = Base64.getEncoder();
        String signatures = entries.stream()
                .map(each -> "{\"keyid\":\"%s\",\"sig\":\"%s\"}"
                        .formatted(each.keyId(), base64.encodeToString(each.signature())))
                .collect(Collectors.joining(","));
        return "{\"payloadType\":\"%s\",\"payload\":\"%s\",\"signatures\":[%s]}"
                .formatted(TYPE, base64.encodeToString(payload), signatures)
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** The bytes that the signatures cover: type and payload, each with its length. */
    public byte[] signedBytes() {
        return signedBytes(payload);
    }

    /** The bytes that signatures over this payload cover. */
    public static byte[] signedBytes(byte[] payload) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        String head = "DSSEv1 %d %s %d ".formatted(TYPE.length(), TYPE, payload.length);
        out.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(payload);
        return out.toByteArray();
    }

    /** The message inside. */
    public SignedMessage message() throws MessageException {
        try {
            return MessageReader.read(text(payload));
        } catch (CharacterCodingException e) {
            throw new MessageException("payload of the DSSE envelope", "no UTF-8 text", "UTF-8");
        }
    }

    public List<byte[]> signatures() {
        return List.copyOf(signatures);
    }

    private static String text(byte[] content) throws CharacterCodingException {
        return StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(content))
                .toString();
    }
}
