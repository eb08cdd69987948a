package dev.dunnage.sif.armor;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A clearsigned message, RFC 4880 section 7. Nothing may stand before or behind it, and the {@code Hash:} header is not
 * trusted for anything.
 */
public final class ClearText {
    private static final String BEGIN = "-----BEGIN PGP SIGNED MESSAGE-----";
    private static final String SIGNATURE = "PGP SIGNATURE";

    private final String text;
    private final byte[] signature;

    private ClearText(String text, byte[] signature) {
        this.text = text;
        this.signature = signature;
    }

    /** Whether the bytes look like a clearsigned message at all. */
    public static boolean matches(byte[] content) {
        String start = new String(content, 0, Math.min(content.length, 4096), StandardCharsets.ISO_8859_1);
        return start.stripLeading().startsWith("-----BEGIN PGP");
    }

    /** Takes a message apart. */
    public static ClearText parse(byte[] content) throws ArmorException {
        Lines lines = Lines.of(content);
        String first = lines.next();
        if (!first.equals(BEGIN)) {
            throw new ArmorException("line 1 before the clearsigned message", first, "nothing");
        }
        for (String header = lines.next(); !header.isEmpty(); header = lines.next()) {
            if (!header.startsWith("Hash: ")) {
                throw new ArmorException(lines.place() + ", a header of the clearsigned message,", header, "Hash");
            }
        }
        String text = readBody(lines);
        Armor.Block block = Armor.decode(lines);
        if (!block.type().equals(SIGNATURE)) {
            throw new ArmorException("the block behind the signed text", block.type(), SIGNATURE);
        }
        while (lines.hasNext()) {
            String line = lines.next();
            if (!line.isEmpty()) {
                throw new ArmorException(lines.place() + " behind the clearsigned message", line, "nothing");
            }
        }
        return new ClearText(text, block.content());
    }

    private static String readBody(Lines lines) throws ArmorException {
        List<String> body = new ArrayList<>();
        while (!Armor.isBegin(lines.peek())) {
            String line = lines.next();
            if (line.startsWith("- ")) {
                body.add(line.substring(2));
            } else if (line.startsWith("-")) {
                throw new ArmorException(
                        lines.place() + " of the signed text", line, "without a dash, or with '- ' before it");
            } else {
                body.add(line);
            }
        }
        return String.join("\r\n", body);
    }

    /**
     * Frames one line of text and its signature.
     *
     * @param hash name for the {@code Hash:} header, for example {@code SHA256}
     */
    public static byte[] format(String line, String hash, byte[] signature) {
        if (line.startsWith("-")
                || line.contains("\n")
                || line.contains("\r")
                || !line.strip().equals(line)) {
            throw new IllegalArgumentException("the text to sign must be one plain line");
        }
        String message = BEGIN + "\nHash: " + hash + "\n\n" + line + "\n" + Armor.encode(SIGNATURE, signature);
        return message.getBytes(StandardCharsets.UTF_8);
    }

    /** The signed text: lines joined by CRLF, trailing blanks removed, the last line end left out. */
    public String text() {
        return text;
    }

    /** The bytes that the signature covers. */
    public byte[] canonical() {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** The binary signature packets. */
    public byte[] signature() {
        return signature.clone();
    }
}
