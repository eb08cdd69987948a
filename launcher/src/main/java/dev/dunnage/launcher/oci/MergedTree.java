package dev.dunnage.launcher.oci;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The names that all layers make together. Layers come from the lowest to the highest, entries in their order. A symbolic link in the
 * directory part of a name is followed inside the tree, as container engines do, so that no name leads out.
 */
final class MergedTree {
    private static final String WHITEOUT = ".wh.";
    private static final String OPAQUE = ".wh..wh..opq";
    private static final String AUFS = ".wh..wh.";
    private static final int MAX_HOPS = 40;
    private static final int MAX_DEPTH = 512;
    private static final int MAX_NAMES = 65_000;

    private final Node root = Node.root();
    private Map<Integer, Inode> inodes = new HashMap<>();
    private int layer = -1;
    private String layerName = "";

    /** The next layer begins; answers its files by index, to be filled by {@link #add}. */
    Map<Integer, Inode> begin(String name) {
        layer++;
        layerName = name;
        inodes = new HashMap<>();
        return inodes;
    }

    void add(LayerEntry entry) throws OciException {
        List<String> path = entry.path();
        if (path.isEmpty()) {
            if (entry.kind() == EntryKind.DIRECTORY) {
                root.describe(file(entry), layer);
            }
            return;
        }
        List<String> above = path.subList(0, path.size() - 1);
        String name = path.get(path.size() - 1);
        if (name.startsWith(WHITEOUT)) {
            whiteout(above, name);
        } else {
            put(directory(above), name, entry);
        }
    }

    private void put(Node parent, String name, LayerEntry entry) throws OciException {
        switch (entry.kind()) {
            case DIRECTORY -> {
                Optional<Node> there = parent.child(name).filter(Node::isDirectory);
                (there.isPresent() ? there.get() : parent.newDirectory(name, layer)).describe(file(entry), layer);
            }
            case HARD_LINK -> link(parent, name, entry);
            case DEVICE -> parent.child(name).ifPresent(Node::remove);
            case SYMLINK -> {
                EntryPath.checkTarget(entry.link(), layerName);
                parent.newName(name, file(entry), entry.link(), layer);
            }
            case FILE, FIFO -> parent.newName(name, file(entry), "", layer);
        }
    }

    private Inode file(LayerEntry entry) {
        Inode inode = new Inode(entry.index(), entry.kind());
        inodes.put(entry.index(), inode);
        return inode;
    }

    private void link(Node parent, String name, LayerEntry entry) throws OciException {
        List<String> path = EntryPath.parse(entry.link(), layerName);
        Optional<Node> target = path.isEmpty() ? Optional.empty() : find(path);
        if (target.isEmpty() || target.get().isDirectory()) {
            throw new OciException(layerName + " has a hard link to a file that the image does not have; the image is"
                    + " damaged, push it anew");
        }
        Node file = target.get();
        if (file.inode().names().size() >= MAX_NAMES) {
            throw new OciException(
                    layerName + " gives one file more than " + MAX_NAMES + " names; do not trust this image");
        }
        if (parent.child(name).filter(there -> there == file).isEmpty()) {
            parent.newName(name, file.inode(), file.target(), layer);
        }
    }

    private void whiteout(List<String> above, String name) throws OciException {
        Optional<Node> parent = new Walk(above, false).end();
        if (name.equals(OPAQUE)) {
            parent.ifPresent(
                    directory -> List.copyOf(directory.children()).forEach(child -> child.removeOlderThan(layer)));
        } else if (!name.startsWith(AUFS)) {
            String gone = name.substring(WHITEOUT.length());
            if (gone.isEmpty() || gone.equals(".") || gone.equals("..")) {
                throw new OciException(
                        layerName + " has a whiteout without a name; the image is damaged, push it anew");
            }
            parent.flatMap(directory -> directory.child(gone)).ifPresent(node -> node.removeOlderThan(layer));
        }
    }

    /** The node with this path; links are followed but for the last component, which is followed if it must be a directory. */
    Optional<Node> find(List<String> path) throws OciException {
        Walk walk = new Walk(path.subList(0, path.size() - 1), false);
        return walk.end().flatMap(directory -> directory.child(path.get(path.size() - 1)));
    }

    /** Whether something has this path, also at the end of links. */
    boolean has(List<String> path) throws OciException {
        return new Walk(path, false).end().isPresent()
                || find(path).filter(node -> !node.isSymlink()).isPresent();
    }

    /** The directory with this path, made where it is missing. */
    private Node directory(List<String> path) throws OciException {
        return new Walk(path, true).end().orElse(root);
    }

    /** One walk along a path. */
    private final class Walk {
        private final Deque<String> todo = new ArrayDeque<>();
        private final boolean making;
        private Node at = root;
        private int hops;

        Walk(List<String> path, boolean making) {
            todo.addAll(path);
            this.making = making;
        }

        Optional<Node> end() throws OciException {
            while (!todo.isEmpty()) {
                String part = todo.pop();
                if (part.equals("..")) {
                    at = at.parent();
                } else if (!step(part)) {
                    return Optional.empty();
                }
            }
            return Optional.of(at);
        }

        private boolean step(String part) throws OciException {
            Optional<Node> child = at.child(part);
            if (child.isPresent() && child.get().isSymlink()) {
                follow(child.get());
                return true;
            }
            Optional<Node> directory = child.filter(Node::isDirectory);
            if (directory.isEmpty() && !making) {
                return false;
            }
            if (directory.isEmpty() && at.depth() >= MAX_DEPTH) {
                throw new OciException(
                        layerName + " has directories more than " + MAX_DEPTH + " deep; do not trust this image");
            }
            at = directory.isPresent() ? directory.get() : at.newDirectory(part, layer);
            return true;
        }

        private void follow(Node link) throws OciException {
            if (++hops > MAX_HOPS) {
                throw new OciException(layerName + " has a file behind a loop of symbolic links; the image is damaged,"
                        + " push it anew");
            }
            if (link.target().startsWith("/")) {
                at = root;
            }
            List<String> parts = EntryPath.target(link.target());
            for (int each = parts.size() - 1; each >= 0; each--) {
                todo.push(parts.get(each));
            }
        }
    }
}
