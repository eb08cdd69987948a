package dev.dunnage.launcher.credentials;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * What a user proves himself with.
 *
 * @param user {@code <token>} when the secret is an identity token, which is exchanged and never sent as a password
 */
public record Credential(String user, String secret) {
    private static final String TOKEN = "<token>";

    /** An identity token. */
    public static Credential token(String secret) {
        return new Credential(TOKEN, secret);
    }

    /** Whether the secret is an identity token. */
    public boolean isToken() {
        return user.equals(TOKEN);
    }

    /** As value of the header {@code Authorization}. */
    public String basic() {
        return "Basic " + encoded();
    }

    String encoded() {
        return Base64.getEncoder().encodeToString((user + ":" + secret).getBytes(StandardCharsets.UTF_8));
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return user;
    }
}
