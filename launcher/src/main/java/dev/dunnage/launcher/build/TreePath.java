package dev.dunnage.launcher.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/** Paths in a tree as a program sees them whose root the tree is: links never lead out of it. */
final class TreePath {
    private static final int LINKS = 40;

    private TreePath() {}

    /**
     * Where a path of the tree lies on the host; parts that do not exist are taken as they are.
     *
     * @throws ToolException when links lead in circles
     */
    static Path resolve(Path root, String path) throws IOException, ToolException {
        Deque<String> left = new ArrayDeque<>();
        Path.of(path).normalize().forEach(part -> left.add(part.toString()));
        Path at = root;
        int links = 0;
        while (!left.isEmpty()) {
            String part = left.removeFirst();
            if (part.isEmpty() || part.equals(".")) {
                continue;
            } else if (part.equals("..")) {
                at = at.equals(root) ? root : at.resolveSibling("");
                continue;
            }
            Path next = at.resolve(part);
            if (!Files.isSymbolicLink(next)) {
                at = next;
                continue;
            } else if (++links > LINKS) {
                throw new ToolException(path + " leads in circles in the image");
            }
            Path target = Files.readSymbolicLink(next);
            at = target.isAbsolute() ? root : at;
            for (int i = target.getNameCount() - 1; i >= 0; i--) {
                left.addFirst(target.getName(i).toString());
            }
        }
        return at;
    }
}
