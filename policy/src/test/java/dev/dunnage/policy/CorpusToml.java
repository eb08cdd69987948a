package dev.dunnage.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Rewrites the TOML of the corpus as a policy of ours. What it does not know it passes on as an unknown key. */
final class CorpusToml {
    private CorpusToml() {}

    static String toYaml(String toml) {
        List<String> top = new ArrayList<>();
        List<List<String>> groups = new ArrayList<>();
        List<String> current = top;
        for (String line :
                toml.lines().map(String::strip).filter(l -> !l.isEmpty()).toList()) {
            if (line.equals("[[execgroup]]")) {
                current = new ArrayList<>();
                groups.add(current);
            } else {
                setting(line).ifPresent(current::add);
            }
        }
        StringBuilder yaml = new StringBuilder("version: 1\necl: {" + String.join(", ", top) + ", groups: [\n");
        groups.forEach(
                group -> yaml.append("  {").append(String.join(", ", group)).append("},\n"));
        return yaml.append("]}\n").toString();
    }

    private static Optional<String> setting(String line) {
        int equals = line.indexOf('=');
        if (equals < 0) {
            return Optional.of(line);
        }
        String value = line.substring(equals + 1).strip();
        String name = line.substring(0, equals).strip();
        return switch (name) {
            case "tagname" -> Optional.of("name: " + value);
            case "dirpath" -> value.equals("\"\"") ? Optional.empty() : Optional.of("directory: " + value);
            case "keyfp" -> Optional.of("keys: " + value);
            default -> Optional.of(name + ": " + value);
        };
    }
}
