package dev.dunnage.mpi.tree;

/**
 * One entry of a directory, not followed.
 *
 * @param size length of a regular file, else 0
 * @param target where a symbolic link leads, else empty
 */
public record FileNode(Kind kind, long size, String target) {

    /** What the entry is. */
    public enum Kind {
        FILE,
        DIRECTORY,
        LINK,
        OTHER
    }

    /** A regular file. */
    public static FileNode file(long size) {
        return new FileNode(Kind.FILE, size, "");
    }

    /** A symbolic link. */
    public static FileNode link(String target) {
        return new FileNode(Kind.LINK, 0, target);
    }

    /** A directory, a device and the like. */
    public static FileNode of(Kind kind) {
        return new FileNode(kind, 0, "");
    }
}
