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
        try {
            String decoded = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(text))
                    .toString();
            return new Lines(decoded.lines().map(Lines::trimEnd).toList());
        } catch (CharacterCodingException e) {
            throw new ArmorException("the text is not UTF-8");
        }
    }

    boolean hasNext() {
        return at < lines.size();
    }

    String peek() throws ArmorException {
        if (!hasNext()) {
            throw new ArmorException("the armored text is cut off");
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
