package dev.dunnage.launcher.reference;

import java.util.Optional;

/** What a user names an image by. {@code toString} gives the one canonical spelling, which {@link #parse} reads back. */
public sealed interface ImageReference permits FileReference, RegistryReference, LibraryReference, WebReference {
    /**
     * Reads a path, {@code file:PATH}, {@code oras://HOST/NAME}, {@code docker://[HOST/]NAME}, {@code library://[HOST/]NAME}
     * or {@code http(s)://ADDRESS}, with a tag and a digest where the kind has them.
     *
     * @throws ReferenceException when it is none of these
     */
    static ImageReference parse(String text) throws ReferenceException {
        return ReferenceParser.parse(text);
    }

    /** The content that is asked for, when the reference pins it. */
    Optional<Digest> digest();
}
