package dev.dunnage.launcher.definition;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One section of a stage.
 *
 * @param name without the percent sign, in lower case
 * @param words what follows the name on its line
 * @param body the lines after that
 * @param line number of the line with the name, from 1
 */
public record Section(String name, List<String> words, List<String> body, int line) {
    private static final String SHELL = "/bin/sh";

    /** Copies the lists. */
    public Section {
        words = List.copyOf(words);
        body = List.copyOf(body);
    }

    /** The lines as they are, each with its end. */
    public String text() {
        return body.isEmpty() ? "" : String.join("\n", body) + "\n";
    }

    /** As many empty lines in front that a shell's messages name the lines of the definition file. */
    public String numberedText() {
        return "\n".repeat(line) + text();
    }

    /** The SCIF app that it belongs to. */
    public Optional<String> app() {
        return name.startsWith("app") && !words.isEmpty() ? Optional.of(words.get(0)) : Optional.empty();
    }

    /** For {@code %files from NAME}: the stage. */
    public Optional<String> fromStage() {
        return words.size() == 2 && words.get(0).equals("from") ? Optional.of(words.get(1)) : Optional.empty();
    }

    /** The words of {@code -c}: shell and its options. */
    public List<String> shell() {
        return words.size() > 1 && words.get(0).equals("-c") ? words.subList(1, words.size()) : List.of(SHELL);
    }

    /** A program: the first line may name the interpreter, as may {@code -c}. */
    public String script() {
        int first = 0;
        while (first < body.size() && body.get(first).isBlank()) {
            first++;
        }
        if (first < body.size() && body.get(first).strip().startsWith("#!")) {
            List<String> rest = body.subList(first + 1, body.size());
            return body.get(first).strip() + "\n" + String.join("\n", rest) + "\n";
        }
        return "#!" + String.join(" ", shell()) + "\n\n" + text();
    }

    /** A line that counts, with its number. */
    public record Line(int number, String text) {}

    /** The lines without comments and empty ones. */
    public List<Line> entries() {
        List<Line> entries = new ArrayList<>();
        for (int at = 0; at < body.size(); at++) {
            String text = body.get(at).strip();
            if (!text.isEmpty() && !text.startsWith("#")) {
                entries.add(new Line(line + 1 + at, text));
            }
        }
        return entries;
    }
}
