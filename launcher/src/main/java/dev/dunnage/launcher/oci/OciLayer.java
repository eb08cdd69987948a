package dev.dunnage.launcher.oci;

import java.io.IOException;
import java.io.InputStream;

/**
 * One layer of an image.
 *
 * @param name what it is called in messages
 * @param content opens the layer's blob, compressed or not; called once for each pass
 * @param size length of the blob in bytes
 */
public record OciLayer(String name, Content content, long size) {
    /** Opens a blob at its start. */
    @FunctionalInterface
    public interface Content {
        /** A new stream over the whole content. */
        InputStream open() throws IOException;
    }
}
