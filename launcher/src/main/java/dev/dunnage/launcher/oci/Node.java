package dev.dunnage.launcher.oci;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A name in the merged tree. */
final class Node {
    private final String name;
    private final Node parent;
    private final int depth;
    private final String target;
    private final Map<String, Node> children;
    private Inode inode = Inode.NONE;
    private int layer;

    private Node(String name, Optional<Node> parent, String target, boolean isDirectory, int layer) {
        this.name = name;
        this.parent = parent.orElse(this);
        this.depth = parent.isPresent() ? parent.get().depth + 1 : 0;
        this.target = target;
        this.children = isDirectory ? new LinkedHashMap<>(4) : Map.of();
        this.layer = layer;
    }

    static Node root() {
        return new Node("", Optional.empty(), "", true, 0);
    }

    /** A new directory here that no entry describes yet; what had the name is gone. */
    Node newDirectory(String child, int ofLayer) {
        return adopt(new Node(child, Optional.of(this), "", true, ofLayer));
    }

    /** A new name for a file that is no directory; what had the name is gone. */
    Node newName(String child, Inode file, String linkTarget, int ofLayer) {
        Node node = adopt(new Node(child, Optional.of(this), linkTarget, false, ofLayer));
        node.describe(file, ofLayer);
        return node;
    }

    private Node adopt(Node child) {
        child(child.name).ifPresent(Node::remove);
        children.put(child.name, child);
        return child;
    }

    /** Attributes and content come from this file now. */
    void describe(Inode file, int ofLayer) {
        forget();
        inode = file;
        layer = ofLayer;
        file.names().add(this);
    }

    private void forget() {
        if (inode != Inode.NONE) {
            inode.names().remove(this);
        }
    }

    /** Takes this name and everything below it out of the tree. */
    void remove() {
        parent.children.remove(name);
        forgetAll();
    }

    private void forgetAll() {
        forget();
        children.values().forEach(Node::forgetAll);
    }

    /** Takes away what layers below this one brought; a directory stays as long as something in it does. */
    void removeOlderThan(int ofLayer) {
        for (Node child : new ArrayList<>(children.values())) {
            child.removeOlderThan(ofLayer);
        }
        if (layer < ofLayer && children.isEmpty() && parent != this) {
            remove();
        }
    }

    Optional<Node> child(String child) {
        return Optional.ofNullable(children.get(child));
    }

    Collection<Node> children() {
        return children.values();
    }

    boolean isDirectory() {
        return inode.kind() == EntryKind.DIRECTORY;
    }

    boolean isSymlink() {
        return inode.kind() == EntryKind.SYMLINK;
    }

    Node parent() {
        return parent;
    }

    int depth() {
        return depth;
    }

    Inode inode() {
        return inode;
    }

    String target() {
        return target;
    }

    /** Path from the root without a leading slash; empty for the root. */
    String path() {
        List<String> parts = new ArrayList<>(depth);
        for (Node at = this; at.parent != at; at = at.parent) {
            parts.add(0, at.name);
        }
        return String.join("/", parts);
    }
}
