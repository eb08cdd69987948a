package dev.dunnage.policy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Collects what is wrong with one file, so that an admin sees everything in one go. */
final class Findings {
    private final Path file;
    private final List<Problem> problems = new ArrayList<>();

    Findings(Path file) {
        this.file = file;
    }

    Path file() {
        return file;
    }

    void add(Node node, String message) {
        add(node.line(), node.column(), node.path(), message);
    }

    void add(int line, int column, String key, String message) {
        problems.add(new Problem(file, line, column, key, message));
    }

    /** Throws when anything was found. */
    void check() throws SiteFileException {
        if (!problems.isEmpty()) {
            throw new SiteFileException(sorted());
        }
    }

    /** Everything so far, in the order of the file. */
    List<Problem> sorted() {
        return problems.stream()
                .sorted((one, other) -> one.line() == other.line()
                        ? Integer.compare(one.column(), other.column())
                        : Integer.compare(one.line(), other.line()))
                .toList();
    }
}
