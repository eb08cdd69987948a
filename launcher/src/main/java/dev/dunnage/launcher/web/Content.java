package dev.dunnage.launcher.web;

import java.io.IOException;
import java.util.Optional;

/** Bytes that a server gives out, as a whole or from some byte on. */
@FunctionalInterface
public interface Content {
    /**
     * Asks for them.
     *
     * @param range value of the header {@code Range}; empty for everything
     * @return status 200 or 206, to be closed
     * @throws WebException for any other answer
     */
    WebAnswer open(Optional<String> range) throws IOException;
}
