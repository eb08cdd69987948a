package dev.dunnage.launcher.definition;

/** A definition file that cannot be built; the message is one line that begins with file and line. */
public final class DefinitionException extends Exception {
    private static final long serialVersionUID = 1L;

    DefinitionException(String file, int line, String message) {
        super(file + ":" + line + ": " + message);
    }
}
