package dev.dunnage.launcher.web;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a server answers; to be closed.
 *
 * @param uri who answered in the end, behind all redirects
 * @param body fails when the server falls silent
 */
public record WebAnswer(URI uri, int status, HttpHeaders headers, InputStream body) implements AutoCloseable {
    /** Whether the status is one of success. */
    public boolean isSuccess() {
        return status >= 200 && status < 300;
    }

    /** The first header of this name. */
    public Optional<String> header(String name) {
        return headers.firstValue(name);
    }

    /** The length that the server announces. */
    public OptionalLong length() {
        String text = header("Content-Length").orElse("");
        return text.matches("[0-9]{1,18}") ? OptionalLong.of(Long.parseLong(text)) : OptionalLong.empty();
    }

    /**
     * The whole body.
     *
     * @param limit bytes; more than that is an error
     * @throws IOException when the server breaks off or sends more
     */
    public byte[] bytes(int limit) throws IOException {
        byte[] bytes = body.readNBytes(limit + 1);
        if (bytes.length > limit) {
            throw new WebException(uri.getHost() + " answers with more than " + limit
                    + " bytes where a few were expected; check that it is a server of images");
        }
        return bytes;
    }

    @Override
    public void close() throws IOException {
        body.close();
    }
}
