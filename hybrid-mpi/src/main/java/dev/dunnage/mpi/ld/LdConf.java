package dev.dunnage.mpi.ld;

import dev.dunnage.mpi.tree.TreePaths;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Directories of {@code /etc/ld.so.conf}: where a tree may have libraries that its cache does not know yet. */
public final class LdConf {
    private static final int MAX_BYTES = 1 << 20;
    private static final int MAX_DEPTH = 8;
    private static final int MAX_DIRECTORIES = 1024;

    private final TreePaths paths;
    private final Set<String> directories = new LinkedHashSet<>();

    private LdConf(TreePaths paths) {
        this.paths = paths;
    }

    /** Reads the file with what it includes; nothing when there is none. */
    public static List<String> directories(TreePaths paths) throws IOException {
        LdConf conf = new LdConf(paths);
        conf.read("/etc/ld.so.conf", 0);
        return new ArrayList<>(conf.directories);
    }

    private void read(String file, int depth) throws IOException {
        var content = paths.content(file, MAX_BYTES);
        if (content.isEmpty() || depth > MAX_DEPTH) {
            return;
        }
        for (String line :
                new String(content.get(), StandardCharsets.UTF_8).lines().toList()) {
            int hash = line.indexOf('#');
            String text = (hash < 0 ? line : line.substring(0, hash)).strip();
            if (text.startsWith("include") && text.length() > 8 && Character.isWhitespace(text.charAt(7))) {
                for (String pattern : text.substring(8).strip().split("\\s+", -1)) {
                    include(pattern.startsWith("/") ? pattern : TreePaths.in(TreePaths.parent(file), pattern), depth);
                }
            } else if (text.startsWith("/") && directories.size() < MAX_DIRECTORIES) {
                directories.add(text.endsWith("/") && text.length() > 1 ? text.substring(0, text.length() - 1) : text);
            }
        }
    }

    /** Wild cards in the last part of the path, as files have them. */
    private void include(String pattern, int depth) throws IOException {
        String directory = TreePaths.parent(pattern);
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + TreePaths.name(pattern));
        for (String name : paths.names(directory)) {
            if (matcher.matches(Path.of(name))) {
                read(TreePaths.in(directory, name), depth + 1);
            }
        }
    }
}
