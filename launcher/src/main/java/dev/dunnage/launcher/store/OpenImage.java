package dev.dunnage.launcher.store;

import dev.dunnage.sif.ImageBytes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalInt;

/**
 * An image that somebody else opened.
 *
 * @param bytes its content
 * @param file where the kernel tells its facts: {@code /proc/self/fd/N}; never opened
 */
public record OpenImage(ImageBytes bytes, Path file) {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    /** The image behind a descriptor of this process. */
    public static OpenImage ofDescriptor(ImageBytes bytes, int descriptor) {
        return new OpenImage(bytes, DESCRIPTORS.resolve(Integer.toString(descriptor)));
    }

    /** The descriptor, when it is known. */
    OptionalInt descriptor() {
        Path name = file.getFileName();
        return file.startsWith(DESCRIPTORS) && name != null
                ? OptionalInt.of(Integer.parseInt(name.toString()))
                : OptionalInt.empty();
    }

    /** Facts as of now. */
    public ImageFacts facts() throws IOException {
        return ImageFacts.of(file);
    }
}
