package dev.dunnage.launcher.wire;

import java.nio.charset.StandardCharsets;

/**
 * The step shall not run.
 *
 * @param code kind of reason
 * @param message one line: cause and remedy
 */
public record Refusal(Code code, String message) implements Reply {

    /**
     * A refusal whose text is made fit for the wire and a terminal: control characters become {@code ?}, and what is
     * above the limit of a string is cut.
     */
    public static Refusal line(Code code, String text) {
        return new Refusal(code, fit(text));
    }

    /** Text as one printable line of at most 4096 bytes of UTF-8. */
    static String fit(String text) {
        StringBuilder line = new StringBuilder();
        int bytes = 0;
        for (int at = 0; at < text.length(); ) {
            int point = text.codePointAt(at);
            at += Character.charCount(point);
            boolean strange = Character.isISOControl(point) || Character.getType(point) == Character.SURROGATE;
            String shown = strange ? "?" : Character.toString(point);
            bytes += shown.getBytes(StandardCharsets.UTF_8).length;
            if (bytes > FieldType.STRING_LIMIT) {
                break;
            }
            line.append(shown);
        }
        return line.toString();
    }
}
