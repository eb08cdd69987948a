package dev.dunnage.policy;

import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;

/** A text that is parsed no further; turns the parser's many-line reports into findings. */
final class YamlSyntax extends YAMLException {
    private static final long serialVersionUID = 1L;

    private final int line;
    private final int column;

    YamlSyntax(int line, int column, String message) {
        super(message);
        this.line = line;
        this.column = column;
    }

    static void addTo(Findings findings, YAMLException cause) {
        if (cause instanceof YamlSyntax own) {
            findings.add(own.line, own.column, "", String.valueOf(own.getMessage()));
        } else if (cause instanceof MarkedYAMLException marked && marked.getProblemMark() != null) {
            findings.add(
                    marked.getProblemMark().getLine() + 1,
                    marked.getProblemMark().getColumn() + 1,
                    "",
                    "not valid YAML: " + marked.getProblem());
        } else {
            findings.add(1, 1, "", "not valid YAML: " + cause.getMessage());
        }
    }
}
