package dev.dunnage.policy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;
import org.tomlj.TomlVersion;

/** Builds the located tree of a TOML 1.0 file. A value stands where its key does; texts count as written in quotes. */
final class TomlTree {
    private TomlTree() {}

    /** The root table; empty, with findings, when the text is no TOML. */
    static Optional<Node> parse(String text, Findings findings) {
        try {
            TomlParseResult result = Toml.parse(text, TomlVersion.V1_0_0);
            for (TomlParseError error : result.errors()) {
                TomlPosition at = error.position();
                findings.add(at.line(), at.column(), "", "not valid TOML: " + error.getMessage());
            }
            return result.hasErrors() ? Optional.empty() : Optional.of(table(result, 1, 1, ""));
        } catch (StackOverflowError e) {
            // The parser is recursive and knows no limit of its own.
            findings.add(1, 1, "", "nested too deeply to be read: no setting is");
            return Optional.empty();
        }
    }

    private static Node table(TomlTable table, int line, int column, String path) {
        Map<String, Node.Entry> entries = new LinkedHashMap<>();
        for (String key : table.keySet()) {
            TomlPosition at = place(table.inputPositionOf(List.of(key)));
            String child = path.isEmpty() ? key : path + "." + key;
            Object value = table.get(List.of(key));
            entries.put(key, new Node.Entry(at.line(), at.column(), node(value, at, child)));
        }
        return new Node.Mapping(line, column, path, entries);
    }

    private static Node node(@Nullable Object value, TomlPosition at, String path) {
        if (value instanceof TomlTable table) {
            return table(table, at.line(), at.column(), path);
        }
        if (value instanceof TomlArray array) {
            List<Node> items = new ArrayList<>();
            for (int i = 0; i < array.size(); i++) {
                items.add(node(array.get(i), place(array.inputPositionOf(i)), path + "[" + i + "]"));
            }
            return new Node.Sequence(at.line(), at.column(), path, items);
        }
        return new Node.Scalar(at.line(), at.column(), path, String.valueOf(value), !(value instanceof String));
    }

    private static TomlPosition place(@Nullable TomlPosition known) {
        return known == null ? TomlPosition.positionAt(1, 1) : known;
    }
}
