package dev.dunnage.launcher.credentials;

import java.io.IOException;
import java.util.Optional;

/** Knows who the user is at a server. */
@FunctionalInterface
public interface Credentials {
    /** Knows nobody. */
    static Credentials none() {
        return host -> Optional.empty();
    }

    /**
     * The user's credential.
     *
     * @param host with an optional port; {@code docker.io} for Docker Hub
     * @throws IOException when a file or a helper that should know cannot be used; the message has no secret
     */
    Optional<Credential> of(String host) throws IOException;
}
