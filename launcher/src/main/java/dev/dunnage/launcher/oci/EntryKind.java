package dev.dunnage.launcher.oci;

import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;

/** What an entry of a layer makes. */
enum EntryKind {
    DIRECTORY,
    FILE,
    SYMLINK,
    HARD_LINK,
    FIFO,
    /** Cannot be made without root, and no container may use one that an image brings. */
    DEVICE;

    /** Empty for entries that are no files, and for unknown ones. */
    static Optional<EntryKind> of(TarArchiveEntry entry) {
        if (entry.isSymbolicLink()) {
            return Optional.of(SYMLINK);
        } else if (entry.isLink()) {
            return Optional.of(HARD_LINK);
        } else if (entry.isCharacterDevice() || entry.isBlockDevice()) {
            return Optional.of(DEVICE);
        } else if (entry.isFIFO()) {
            return Optional.of(FIFO);
        } else if (entry.isDirectory()) {
            return Optional.of(DIRECTORY);
        }
        return isRegular(entry) ? Optional.of(FILE) : Optional.empty();
    }

    private static boolean isRegular(TarArchiveEntry entry) {
        byte flag = entry.getLinkFlag();
        return flag == 0 || flag == '0' || flag == '7' || flag == 'S';
    }
}
