package dev.dunnage.sif.integrity;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.dunnage.sif.Printable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** A signed text that is not a message this version understands. */
public final class MessageException extends Exception {
    private static final long serialVersionUID = 1L;

    MessageException(String message) {
        super(message);
    }

    /** The value at which a parser stands is not what it must be. */
    static MessageException at(JsonParser parser, String member, String text, String wanted) throws IOException {
        JsonToken token = parser.currentToken();
        String found = token == null ? "nothing" : Printable.excerpt(parser.getText());
        long at = Math.max(0, parser.currentTokenLocation().getCharOffset());
        return new MessageException("%s at character %d of the %s".formatted(member, at, text), found, wanted);
    }

    /** The text is not JSON, or not within the limits. */
    static MessageException notJson(JsonProcessingException problem, String text) {
        long at = Optional.ofNullable(problem.getLocation())
                .map(JsonLocation::getCharOffset)
                .orElse(0L);
        return new MessageException("the %s is not proper JSON at character %d (%s), but must be"
                .formatted(
                        text,
                        Math.max(0, at),
                        Printable.of(problem.getOriginalMessage().getBytes(StandardCharsets.UTF_8))));
    }

    /** What is wrong in the text: a member, what it is, and what it must be. */
    MessageException(String member, String found, String wanted) {
        super("%s is %s, but must be %s".formatted(member, found, wanted));
    }
}
