package dev.dunnage.launcher.store;

import dev.dunnage.launcher.wire.ContentDigest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Leads from the identity of a file to the digest of its content. */
final class CopyIndex {
    private final StoreDirectory directory;

    CopyIndex(StoreDirectory directory) {
        this.directory = directory;
    }

    Optional<ContentDigest> find(ImageFacts facts) throws IOException {
        return facts.isReliable() ? digestIn(directory.index().resolve(facts.identity())) : Optional.empty();
    }

    void put(ImageFacts facts, ContentDigest digest) throws IOException {
        PrivateFiles.write(directory.index().resolve(facts.identity()), digest.hex() + "\n");
    }

    /** Removes entries whose copy is gone. */
    void prune() throws IOException {
        for (Path entry : PrivateFiles.list(directory.index(), "*")) {
            Optional<ContentDigest> digest = digestIn(entry);
            if (digest.isEmpty() || !Files.exists(directory.copy(digest.get()))) {
                Files.deleteIfExists(entry);
            }
        }
    }

    private static Optional<ContentDigest> digestIn(Path entry) throws IOException {
        Optional<String> text = PrivateFiles.read(entry).map(String::strip);
        try {
            return text.map(ContentDigest::new);
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // cut off by a power cut: the copy is made again
        }
    }
}
