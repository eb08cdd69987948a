package dev.dunnage.launcher.registry;

import dev.dunnage.launcher.json.JsonDocument;
import dev.dunnage.launcher.web.WebAnswer;
import dev.dunnage.launcher.web.WebException;
import dev.dunnage.sif.Printable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Puts a server's answer of failure into one line: what was named, the step, the answer, what to do. */
public final class Denials {
    private static final int LONGEST = 200;
    private static final int LIMIT = 1 << 16;

    private Denials() {}

    /**
     * The failure.
     *
     * @param named what the user asked for
     * @param step what the server was asked, such as {@code asking for the manifest}
     * @param login command by which a user gets access, for the remedy
     */
    public static WebException of(String named, String step, WebAnswer answer, String login) {
        return new WebException(named + ": " + step + ": " + answer.uri().getHost() + " answers with HTTP status "
                + answer.status() + said(answer) + "; " + remedy(answer, login));
    }

    private static String remedy(WebAnswer answer, String login) {
        return switch (answer.status()) {
            case 401, 403 -> "log in with '" + login + "', or ask its owner for access";
            case 404 -> "check the name and the tag, and log in with '" + login + "' if it is not public";
            case 429 ->
                "too many requests came from here"
                        + answer.header("Retry-After")
                                .filter(text -> text.matches("[0-9]{1,9}"))
                                .map(text -> ", it asks to wait " + text + " s")
                                .orElse("")
                        + "; wait, or log in with '" + login + "' if your account may ask more";
            default ->
                answer.status() >= 500
                        ? "the fault is the server's; try again later"
                        : "check the name, and that a server of images has this address";
        };
    }

    /** What the server says about it: the first error of the OCI form, or nothing. */
    private static String said(WebAnswer answer) {
        try {
            JsonDocument json = JsonDocument.parse(answer.bytes(LIMIT));
            List<JsonDocument> errors = json.objects("errors");
            JsonDocument first = errors.isEmpty() ? json.object("error") : errors.get(0);
            String text = first.text("message").or(() -> first.text("code")).orElse("");
            String safe = Printable.of(text.getBytes(StandardCharsets.UTF_8)).strip();
            return safe.isEmpty()
                    ? ""
                    : " (" + (safe.length() > LONGEST ? safe.substring(0, LONGEST) + "..." : safe) + ")";
        } catch (IOException e) {
            return "";
        }
    }
}
