package dev.dunnage.launcher.definition;

import java.util.List;
import java.util.Set;

/**
 * A definition file.
 *
 * @param file as messages name it
 * @param text with the values of its variables
 * @param stages at least one; the last becomes the image
 */
public record Definition(String file, String text, List<Stage> stages) {
    /** Copies the list. */
    public Definition {
        stages = List.copyOf(stages);
    }

    /** The stage that becomes the image. */
    public Stage last() {
        return stages.get(stages.size() - 1);
    }

    /** The same text, of whose sections only those with these names count. */
    public Definition only(Set<String> names) {
        return new Definition(
                file, text, stages.stream().map(stage -> stage.only(names)).toList());
    }

    /** For messages: where something is. */
    public String at(int line) {
        return file + ":" + line;
    }

    /** An error at a line of it. */
    public DefinitionException error(int line, String message) {
        return new DefinitionException(file, line, message);
    }
}
