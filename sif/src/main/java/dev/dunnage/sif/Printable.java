package dev.dunnage.sif;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Makes text from untrusted bytes safe for terminals and logs. */
public final class Printable {
    private static final int EXCERPT = 48;

    private Printable() {}

    /**
     * The bytes as UTF-8; control, format and unassigned characters, backslashes and bytes that are no UTF-8 appear as
     * {@code \xNN}.
     */
    public static String of(byte[] text) {
        StringBuilder out = new StringBuilder(text.length);
        int at = 0;
        while (at < text.length) {
            int length = sequenceLength(text[at]);
            int end = Math.min(text.length, at + length);
            byte[] sequence = Arrays.copyOfRange(text, at, end);
            String decoded = decode(sequence);
            if (!decoded.isEmpty() && isPlain(decoded.codePointAt(0))) {
                out.append(decoded);
                at = end;
            } else {
                out.append("\\x%02x".formatted(text[at] & 0xff));
                at++;
            }
        }
        return out.toString();
    }

    /** A short piece of untrusted text for a message, in quotes; what is cut off shows as three dots. */
    public static String excerpt(String text) {
        int end = Math.min(text.length(), EXCERPT);
        String safe = of(text.substring(0, end).getBytes(StandardCharsets.UTF_8));
        return "'%s%s'".formatted(safe, end < text.length() ? "..." : "");
    }

    /** The text before the first NUL, or all of it. */
    static String ofPadded(byte[] field) {
        int end = 0;
        while (end < field.length && field[end] != 0) {
            end++;
        }
        return of(Arrays.copyOf(field, end));
    }

    private static int sequenceLength(byte first) {
        int value = first & 0xff;
        if (value < 0xc0) {
            return 1;
        }
        return value < 0xe0 ? 2 : value < 0xf0 ? 3 : 4;
    }

    private static String decode(byte[] sequence) {
        try {
            CharBuffer decoded = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(sequence));
            return decoded.toString();
        } catch (CharacterCodingException e) {
            return "";
        }
    }

    private static boolean isPlain(int codePoint) {
        return codePoint != '\\'
                && switch (Character.getType(codePoint)) {
                    case Character.CONTROL,
                            Character.FORMAT,
                            Character.LINE_SEPARATOR,
                            Character.PARAGRAPH_SEPARATOR,
                            Character.PRIVATE_USE,
                            Character.SURROGATE,
                            Character.UNASSIGNED -> false;
                    default -> true;
                };
    }
}
