package dev.dunnage.launcher.oci;

import java.util.ArrayList;
import java.util.List;

/** A file by its content: where it comes from, and the names that it has in the merged tree. */
final class Inode {
    /** Of directories that no layer describes. */
    static final Inode NONE = new Inode(-1, EntryKind.DIRECTORY);

    private final int index;
    private final EntryKind kind;
    private final List<Node> names = new ArrayList<>(1);

    Inode(int index, EntryKind kind) {
        this.index = index;
        this.kind = kind;
    }

    int index() {
        return index;
    }

    EntryKind kind() {
        return kind;
    }

    /** None left: the file is not part of the image. The first one to come is the first one here. */
    List<Node> names() {
        return names;
    }
}
