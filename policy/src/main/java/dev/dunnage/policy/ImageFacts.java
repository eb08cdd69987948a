package dev.dunnage.policy;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What is known of an image beside its signatures. Digest and labels must be those of the very bytes that will be
 * mounted. Labels are the word of whoever made the image, the source is the word of whoever pulled it: rules that look at
 * them should demand a signature.
 *
 * @param path absolute path without symbolic links, as the kernel tells it for the open image
 * @param digest {@code sha256:} and 64 lower-case hex digits of the whole file; empty when it was not computed, see
 *     {@link Policy#needs()}
 * @param source reference that the user had pulled, written out, such as {@code docker://registry.example.org/team/tool:1};
 *     empty for a file, which no rule about sources fits
 * @param labels labels in the image; empty when they were not read
 */
public record ImageFacts(
        Path path, Optional<String> digest, Optional<String> source, Optional<Map<String, String>> labels) {
    static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");

    /**
     * Copies the labels.
     *
     * @throws IllegalArgumentException on a text that is no digest
     */
    public ImageFacts {
        labels = labels.map(Map::copyOf);
        digest.filter(text -> !DIGEST.matcher(text).matches()).ifPresent(text -> {
            throw new IllegalArgumentException("not a digest: " + OneLine.of(text));
        });
    }

    /** An image of which only the place is known. */
    public static ImageFacts at(Path path) {
        return new ImageFacts(path, Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** The same image, said to come from somewhere. */
    public ImageFacts from(Optional<String> reference) {
        return new ImageFacts(path, digest, reference, labels);
    }
}
