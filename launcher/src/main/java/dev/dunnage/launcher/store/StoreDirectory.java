package dev.dunnage.launcher.store;

import dev.dunnage.launcher.Account;
import dev.dunnage.launcher.wire.ContentDigest;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;

/**
 * Places in the store.
 *
 * @param root the store's directory
 */
record StoreDirectory(Path root) {
    static final String SUFFIX = ".sif";
    static final String COPY_PREFIX = ".copy-";

    /** Makes what is missing and refuses a directory that others could tamper with. */
    static StoreDirectory open(Path root) throws StoreException {
        StoreDirectory directory = new StoreDirectory(root);
        directory.restore();
        return directory;
    }

    /** A user's, with what lies above it. */
    static Path ofUser(Path home) throws StoreException {
        Path above = home.resolve(".dunnage");
        try {
            make(above);
        } catch (IOException e) {
            throw new StoreException("cannot make " + above + " (" + StoreErrors.text(e) + ")", e);
        }
        return above.resolve("cache");
    }

    /** Makes what is missing, also when somebody has cleared the store under a running process. */
    void restore() throws StoreException {
        try {
            make(root);
            make(index());
            make(verdicts());
            make(locks());
            check();
        } catch (IOException e) {
            throw new StoreException(
                    "the image store " + root + " cannot be used (" + StoreErrors.text(e) + "); create it for the"
                            + " account that runs Dunnage, such as: install -d -o dunnage -g dunnage -m 0700 " + root,
                    e);
        }
    }

    private static void make(Path directory) throws IOException {
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            try {
                Files.createDirectory(directory, PrivateFiles.MODE_700);
            } catch (FileAlreadyExistsException e) {
                if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
                    throw e;
                }
            }
        }
    }

    private void check() throws IOException, StoreException {
        PosixFileAttributes found = Files.readAttributes(root, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!found.permissions()
                .equals(Set.of(
                        PosixFilePermission.OWNER_READ,
                        PosixFilePermission.OWNER_WRITE,
                        PosixFilePermission.OWNER_EXECUTE))) {
            throw new StoreException("the image store " + root + " is open to other accounts; chmod 0700 it");
        }
        Object owner = Files.getAttribute(root, "unix:uid", LinkOption.NOFOLLOW_LINKS);
        if (!owner.equals(Account.uid())) {
            throw new StoreException("the image store " + root + " belongs to uid " + owner + " and not to uid "
                    + Account.uid() + ", which runs this program; chown it");
        }
    }

    Path copy(ContentDigest digest) {
        return root.resolve(digest.hex() + SUFFIX);
    }

    Path index() {
        return root.resolve("index");
    }

    Path verdicts() {
        return root.resolve("verdicts");
    }

    Path locks() {
        return root.resolve("locks");
    }
}
