package dev.dunnage.policy;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Collects warnings by file. */
final class Doubts {
    private final Map<Path, Findings> warnings = new LinkedHashMap<>();

    Doubts(List<Source> sources) {
        sources.forEach(source -> warnings.put(source.file(), new Findings(source.file())));
    }

    void add(Path file, int line, int column, String key, String message) {
        Findings known = warnings.get(file);
        if (known == null) {
            throw new IllegalArgumentException("no file of this policy: " + file);
        }
        known.add(line, column, key, message);
    }

    List<Problem> of(Path file) {
        Findings known = warnings.get(file);
        return known == null ? List.of() : known.sorted();
    }
}
