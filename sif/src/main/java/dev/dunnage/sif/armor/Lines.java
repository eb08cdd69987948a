package dev.dunnage.sif.armor;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Text cut into lines, with a place to read from. Line ends may be LF or CRLF; trailing blanks never count. */
final class Lines {
    private final List<String> lines;
    private int at;

    private Lines(List<String> lines) {
        this.lines = lines;
    }

    static Lines of(byte[] text) throws ArmorException {
        ByteBuffer input = ByteBuffer.wrap(text);
        try {
            String decoded = StandardCharsets.UTF_8.newDecoder().decode(input).toString();
            return new Lines(decoded.lines().map(Lines::trimEnd).toList());
        } catch (CharacterCodingException e) {
            int at = input.position();
            throw new ArmorException(
                    "byte %d of the text".formatted(at), "0x%02x".formatted(text[at] & 0xff), "part of UTF-8 text");
        }
    }

    /** Where the line that was taken last stands, for messages. */
    String place() {
        return "line " + at;
    }

    boolean hasNext() {
        return at < lines.size();
    }

    String peek() throws ArmorException {
        if (!hasNext()) {
            throw new ArmorException(
                    "the armored text is cut off behind line %d, but must go on to its END line".formatted(at));
        }
        return lines.get(at);
    }

    String next() throws ArmorException {
        String line = peek();
        at++;
        return line;
    }

    private static String trimEnd(String line) {
        int end = line.length();
        while (end > 0 && " \t\r".indexOf(line.charAt(end - 1)) >= 0) {
            end--;
        }
        return line.substring(0, end);
    }
}
