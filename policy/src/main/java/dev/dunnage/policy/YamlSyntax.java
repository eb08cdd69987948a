package dev.dunnage.policy;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/** A text that cannot be parsed further; turns the parsers' many-line reports into findings. */
final class YamlSyntax extends IOException {
    private static final long serialVersionUID = 1L;

    private final int line;
    private final int column;

    YamlSyntax(int line, int column, String message) {
        super(message);
        this.line = line;
        this.column = column;
    }

    static void addTo(Findings findings, IOException cause) {
        if (cause instanceof YamlSyntax own) {
            findings.add(own.line, own.column, "", String.valueOf(own.getMessage()));
        } else if (cause.getCause() instanceof MarkedYAMLException marked && marked.getProblemMark() != null) {
            findings.add(
                    marked.getProblemMark().getLine() + 1,
                    marked.getProblemMark().getColumn() + 1,
                    "",
                    "not valid YAML: " + marked.getProblem());
        } else if (cause instanceof JsonProcessingException other && other.getLocation() != null) {
            JsonLocation where = other.getLocation();
            String text = String.valueOf(other.getOriginalMessage());
            // Only a key that is a list or mapping ends here; the parser's text shows its own classes.
            String readable = text.startsWith("Expected a field name") ? "a key must be plain text" : text;
            findings.add(where.getLineNr(), where.getColumnNr(), "", "not valid YAML: " + readable);
        } else {
            findings.add(1, 1, "", "not valid YAML: " + cause.getMessage());
        }
    }
}
