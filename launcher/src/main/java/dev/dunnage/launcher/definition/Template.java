package dev.dunnage.launcher.definition;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Variables of a definition file: {@code {{ NAME }}}, with defaults in {@code %arguments}. */
final class Template {
    private static final Pattern USE = Pattern.compile("\\{\\{\\s*([A-Za-z_][A-Za-z0-9_]*)\\s*}}");
    private static final Pattern DEFAULT = Pattern.compile("\\s*([A-Za-z_][A-Za-z0-9_]*)\\s*=\\s*(.*?)\\s*");
    private static final Pattern ARGUMENTS = Pattern.compile("\\s*%arguments\\s*(?:#.*)?", Pattern.CASE_INSENSITIVE);

    private final String file;
    private final Map<String, String> given;
    private final Set<String> used = new HashSet<>();

    Template(String file, Map<String, String> given) {
        this.file = file;
        this.given = given;
    }

    /** Fills in the lines of one stage. */
    List<String> fill(List<String> lines, int firstLine) throws DefinitionException {
        Map<String, String> values = defaults(lines, firstLine);
        values.putAll(given);
        List<String> filled = new ArrayList<>();
        for (int at = 0; at < lines.size(); at++) {
            filled.add(fill(lines.get(at), firstLine + at, values));
        }
        return filled;
    }

    private String fill(String line, int number, Map<String, String> values) throws DefinitionException {
        if (!line.contains("{{")) {
            return line;
        }
        Matcher matcher = USE.matcher(line);
        StringBuilder text = new StringBuilder();
        while (matcher.find()) {
            String name = matcher.group(1);
            String value = values.get(name);
            if (value == null) {
                throw new DefinitionException(
                        file,
                        number,
                        "the variable " + name + " has no value; give --build-arg " + name
                                + "=VALUE, or a default in %arguments");
            }
            used.add(name);
            matcher.appendReplacement(text, Matcher.quoteReplacement(value));
        }
        return matcher.appendTail(text).toString();
    }

    private Map<String, String> defaults(List<String> lines, int firstLine) throws DefinitionException {
        Map<String, String> values = new HashMap<>();
        boolean within = false;
        for (int at = 0; at < lines.size(); at++) {
            String line = lines.get(at);
            if (ARGUMENTS.matcher(line).matches()) {
                within = true;
            } else if (DefinitionParser.sectionName(line).isPresent()) {
                within = false;
            } else if (within && !line.isBlank() && !line.strip().startsWith("#")) {
                Matcher entry = DEFAULT.matcher(line);
                if (!entry.matches()) {
                    throw new DefinitionException(
                            file, firstLine + at, "%arguments: '" + line.strip() + "' is not NAME=VALUE");
                }
                values.put(entry.group(1), unquoted(entry.group(2)));
            }
        }
        return values;
    }

    private static String unquoted(String text) {
        boolean isQuoted = text.length() > 1
                && (text.charAt(0) == '"' || text.charAt(0) == '\'')
                && text.charAt(text.length() - 1) == text.charAt(0);
        return isQuoted ? text.substring(1, text.length() - 1) : text;
    }

    /** A value that was given for nothing: most often a slip of the pen. */
    Optional<String> unused() {
        return given.keySet().stream()
                .filter(name -> !used.contains(name))
                .sorted()
                .findFirst();
    }
}
