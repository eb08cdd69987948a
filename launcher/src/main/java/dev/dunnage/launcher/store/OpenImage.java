package dev.dunnage.launcher.store;

import dev.dunnage.sif.ImageBytes;
import java.io.IOException;
import java.nio.file.Path;

/**
 * An image that somebody else opened.
 *
 * @param bytes its content
 * @param file where the kernel tells its facts: {@code /proc/self/fd/N}; never opened
 */
public record OpenImage(ImageBytes bytes, Path file) {

    /** The image behind a descriptor of this process. */
    public static OpenImage ofDescriptor(ImageBytes bytes, int descriptor) {
        return new OpenImage(bytes, Path.of("/proc/self/fd", Integer.toString(descriptor)));
    }

    /** Facts as of now. */
    public ImageFacts facts() throws IOException {
        return ImageFacts.of(file);
    }
}
