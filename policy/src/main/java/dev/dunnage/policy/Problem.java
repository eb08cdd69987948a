package dev.dunnage.policy;

import java.nio.file.Path;

/**
 * One finding in a site file.
 *
 * @param file the file as it was given to the loader
 * @param line 1-based line; 0 when the finding concerns the file as a whole
 * @param column 1-based column in code points; 0 together with line 0
 * @param key path of the setting such as {@code ecl.groups[1].mode}; empty when no setting is meant
 * @param message one line: what is wrong and what to write instead
 */
public record Problem(Path file, int line, int column, String key, String message) {

    /** Control characters are replaced: key and message may quote the file. */
    public Problem {
        key = OneLine.of(key);
        message = OneLine.of(message);
    }

    /** {@code FILE:LINE:COLUMN: KEY: MESSAGE}, without the parts that do not apply. */
    @Override
    public String toString() {
        String place = line == 0 ? "" : ":" + line + ":" + column;
        String subject = key.isEmpty() ? "" : key + ": ";
        return OneLine.of(file.toString()) + place + ": " + subject + message;
    }
}
