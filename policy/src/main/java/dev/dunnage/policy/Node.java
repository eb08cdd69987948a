package dev.dunnage.policy;

import java.util.List;
import java.util.Map;

/** A piece of a YAML file that knows where it stands: 1-based line and column, and the path of keys that leads to it. */
sealed interface Node {
    int line();

    int column();

    /** Such as {@code ecl.groups[1].mode}; empty for the whole document. */
    String path();

    /** The kind of value in words for messages. */
    String kind();

    /** Key and value pairs, in the order of the file. */
    record Mapping(int line, int column, String path, Map<String, Entry> entries) implements Node {
        @Override
        public String kind() {
            return "a mapping";
        }
    }

    /** A list. */
    record Sequence(int line, int column, String path, List<Node> items) implements Node {
        @Override
        public String kind() {
            return "a list";
        }
    }

    /**
     * A single value, as it stands in the file: YAML's own guesses at types (yes, 1e3, 012) are not taken over.
     *
     * @param plain written without quotes
     */
    record Scalar(int line, int column, String path, String text, boolean plain) implements Node {
        @Override
        public String kind() {
            if (plain && (text.isEmpty() || text.equals("~") || text.equals("null"))) {
                return "nothing";
            }
            return plain ? "'" + text + "'" : "the quoted text '" + text + "'";
        }
    }

    /** A value with the place of its key. */
    record Entry(int line, int column, Node value) {}
}
