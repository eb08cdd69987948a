package dev.dunnage.policy;

import java.nio.file.Path;

/**
 * Who may own a site file. Decisions read from a file that somebody else can change are that person's decisions, so
 * production code uses {@link #rootOnly()}; {@link #any()} is for tests and for checking a draft before it is installed.
 */
public sealed interface OwnershipRule permits RootOnly, AnyOwner {

    /**
     * The file is a regular file and no symbolic link, owned by root, without write permission for group and others. The
     * same holds for its directory. The directories above are owned by root and writable by nobody else, or sticky as
     * {@code /tmp} is.
     */
    static OwnershipRule rootOnly() {
        return new RootOnly(0);
    }

    /** Any owner and mode; symbolic links are followed. The file must still be a regular file. */
    static OwnershipRule any() {
        return new AnyOwner();
    }

    /**
     * Checks one existing file, for example a key ring.
     *
     * @throws SiteFileException with every finding, when the file is missing, cannot be looked at or breaks the rule
     */
    void check(Path file) throws SiteFileException;
}
