package dev.dunnage.mpi.tree;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A root file system: the host's, a directory with an image's, or an image. Paths are absolute, without {@code .} and
 * {@code ..}; every part of them but the last is a directory and no link: {@link TreePaths} finds such paths.
 */
public interface FileTree {
    /** What is there, without following it; empty when nothing is. */
    Optional<FileNode> node(String path) throws IOException;

    /** Names in a directory in any order; none when it is no directory or cannot be read. */
    List<String> names(String directory) throws IOException;

    /** Names of the directories in a directory, links not among them. */
    default List<String> directories(String directory) throws IOException {
        List<String> found = new ArrayList<>();
        for (String name : names(directory)) {
            if (node(TreePaths.in(directory, name))
                    .filter(node -> node.kind() == FileNode.Kind.DIRECTORY)
                    .isPresent()) {
                found.add(name);
            }
        }
        return found;
    }

    /** Opens a regular file. */
    FileBytes open(String path) throws IOException;
}
