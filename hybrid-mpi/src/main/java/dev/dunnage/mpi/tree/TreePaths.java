package dev.dunnage.mpi.tree;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** Follows links in a tree, beneath its root: the tree may be anybody's. Not thread-safe. */
public final class TreePaths {
    /** As the kernel does. */
    private static final int MAX_LINKS = 40;

    private static final int MAX_PARTS = 4096;

    private final FileTree tree;

    /** Reads nothing yet. */
    public TreePaths(FileTree tree) {
        this.tree = tree;
    }

    /** The tree. */
    public FileTree tree() {
        return tree;
    }

    /**
     * The path without links; {@code ..} above the root is the root.
     *
     * @return empty when there is nothing, or links go round in circles
     */
    public Optional<String> real(String path) throws IOException {
        Deque<String> rest = new ArrayDeque<>(parts(path));
        List<String> done = new ArrayList<>();
        int links = 0;
        while (!rest.isEmpty()) {
            String part = rest.removeFirst();
            if (part.equals("..")) {
                if (!done.isEmpty()) {
                    done.remove(done.size() - 1);
                }
                continue;
            }
            done.add(part);
            Optional<FileNode> node = tree.node(text(done));
            if (node.isEmpty()) {
                return Optional.empty();
            }
            if (node.get().kind() == FileNode.Kind.LINK) {
                List<String> target = parts(node.get().target());
                if (++links > MAX_LINKS || target.size() + rest.size() > MAX_PARTS) {
                    return Optional.empty();
                }
                done.remove(done.size() - 1);
                if (node.get().target().startsWith("/")) {
                    done.clear();
                }
                for (int at = target.size() - 1; at >= 0; at--) {
                    rest.addFirst(target.get(at));
                }
            } else if (node.get().kind() != FileNode.Kind.DIRECTORY && !rest.isEmpty()) {
                return Optional.empty();
            }
        }
        return Optional.of(text(done));
    }

    /** The regular file that a path leads to; empty when it leads to something else. */
    public Optional<String> realFile(String path) throws IOException {
        Optional<String> real = real(path);
        return real.isPresent() && isKind(real.get(), FileNode.Kind.FILE) ? real : Optional.empty();
    }

    /** The directory that a path leads to; empty when it leads to something else. */
    public Optional<String> realDirectory(String path) throws IOException {
        Optional<String> real = real(path);
        return real.isPresent() && isKind(real.get(), FileNode.Kind.DIRECTORY) ? real : Optional.empty();
    }

    private boolean isKind(String real, FileNode.Kind kind) throws IOException {
        return real.equals("/")
                ? kind == FileNode.Kind.DIRECTORY
                : tree.node(real).filter(node -> node.kind() == kind).isPresent();
    }

    /** Names in the directory that a path leads to, sorted; none when there is no such directory. */
    public List<String> names(String directory) throws IOException {
        Optional<String> real = realDirectory(directory);
        return real.isEmpty()
                ? List.of()
                : tree.names(real.get()).stream().sorted().toList();
    }

    /** Content of a small file; empty when there is none of at most {@code limit} bytes. */
    public Optional<byte[]> content(String path, int limit) throws IOException {
        Optional<String> real = realFile(path);
        if (real.isEmpty()) {
            return Optional.empty();
        }
        try (FileBytes bytes = tree.open(real.get())) {
            return bytes.size() <= limit ? Optional.of(bytes.bytes(0, (int) bytes.size())) : Optional.empty();
        }
    }

    /** The beginning of a file whose length nobody knows beforehand, as with those of {@code /proc}; empty when there is none. */
    public Optional<String> head(String path, int limit) throws IOException {
        Optional<String> real = realFile(path);
        if (real.isEmpty()) {
            return Optional.empty();
        }
        try (FileBytes bytes = tree.open(real.get())) {
            byte[] head = new byte[limit];
            int count = bytes.read(0, head, 0, limit);
            return Optional.of(new String(head, 0, Math.max(0, count), StandardCharsets.US_ASCII));
        }
    }

    /** The directory part of an absolute path. */
    public static String parent(String path) {
        int slash = path.lastIndexOf('/');
        return slash <= 0 ? "/" : path.substring(0, slash);
    }

    /** The part behind the last slash. */
    public static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /** A path in a directory. */
    public static String in(String directory, String name) {
        return directory.endsWith("/") ? directory + name : directory + "/" + name;
    }

    private static List<String> parts(String path) {
        List<String> parts = new ArrayList<>();
        for (int from = 0; from < path.length() && parts.size() <= MAX_PARTS; ) {
            int slash = path.indexOf('/', from);
            int end = slash < 0 ? path.length() : slash;
            String part = path.substring(from, end);
            if (!part.isEmpty() && !part.equals(".")) {
                parts.add(part);
            }
            from = end + 1;
        }
        return parts;
    }

    private static String text(List<String> parts) {
        return "/" + String.join("/", parts);
    }
}
