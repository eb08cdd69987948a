package dev.dunnage.launcher.definition;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What one header and its sections say.
 *
 * @param header values by the lower-case name
 * @param line of {@code Bootstrap:}
 */
public record Stage(Map<String, String> header, List<Section> sections, int line) {
    /** Copies the collections. */
    public Stage {
        header = Map.copyOf(header);
        sections = List.copyOf(sections);
    }

    /** Where the tree comes from. */
    public Bootstrap bootstrap() {
        return Bootstrap.named(header.getOrDefault("bootstrap", "")).orElseThrow();
    }

    /** A value of the header. */
    public Optional<String> value(String name) {
        return Optional.ofNullable(header.get(name));
    }

    /** What later stages call it. */
    public Optional<String> name() {
        return value("stage");
    }

    /** With these sections alone. */
    Stage only(Set<String> names) {
        List<Section> left = sections.stream()
                .filter(section -> names.contains(section.name()))
                .toList();
        return new Stage(header, left, line);
    }

    /** All sections of that name, in their order. */
    public List<Section> all(String name) {
        return sections.stream().filter(section -> section.name().equals(name)).toList();
    }

    /** Sections of that name as one, for those that are texts. */
    public Optional<Section> joined(String name) {
        List<Section> all = all(name);
        if (all.size() < 2) {
            return all.stream().findFirst();
        }
        List<String> body = all.stream().flatMap(one -> one.body().stream()).toList();
        return Optional.of(
                new Section(name, all.get(0).words(), body, all.get(0).line()));
    }
}
