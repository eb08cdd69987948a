package dev.dunnage.policy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;

/** See {@link OwnershipRule#any()}. */
record AnyOwner() implements OwnershipRule {

    @Override
    public void check(Path file) throws SiteFileException {
        try {
            if (!Files.readAttributes(file, BasicFileAttributes.class).isRegularFile()) {
                throw new SiteFileException(
                        List.of(new Problem(file, 0, 0, "", "is not a regular file: name a text file")));
            }
        } catch (IOException e) {
            throw SiteFile.unreadable(file, e);
        }
    }
}
