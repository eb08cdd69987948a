package dev.dunnage.launcher.gpu;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A mapping of a description, with known fields alone: an unknown one could mean something that is not done here. */
final class CdiObject {
    private final String place;
    private final Map<?, ?> members;

    private CdiObject(String place, Map<?, ?> members) {
        this.place = place;
        this.members = members;
    }

    /**
     * The value as a mapping.
     *
     * @param place file and field, for messages
     */
    static CdiObject of(String place, Object value, List<String> allowed) throws CdiException {
        if (!(value instanceof Map<?, ?> members)) {
            throw new CdiException(place + " is no mapping; have the tool that wrote it write it anew");
        }
        for (Object name : members.keySet()) {
            if (!allowed.contains(String.valueOf(name))) {
                throw new CdiException(place + " has the field '" + name
                        + "', which this version does not know and therefore cannot carry out; take it out, or remove"
                        + " the file so that the driver's libraries are looked for");
            }
        }
        return new CdiObject(place, members);
    }

    String place() {
        return place;
    }

    Optional<String> text(String name) throws CdiException {
        Optional<Object> value = Optional.ofNullable(members.get(name));
        if (value.isPresent() && (value.get() instanceof Map || value.get() instanceof List)) {
            throw new CdiException(place + "." + name + " is no text; have the tool that wrote it write it anew");
        }
        return value.map(String::valueOf);
    }

    String required(String name) throws CdiException {
        return text(name)
                .orElseThrow(() -> new CdiException(place + " lacks the field '" + name + "'; have it written anew"));
    }

    /** An absolute path without steps upwards. */
    Optional<String> path(String name) throws CdiException {
        Optional<String> path = text(name);
        if (path.isPresent() && (!path.get().startsWith("/") || (path.get() + "/").contains("/../"))) {
            throw new CdiException(
                    place + "." + name + " is '" + path.get() + "', no absolute path; have it written anew");
        }
        return path;
    }

    Optional<Object> member(String name) {
        return Optional.ofNullable(members.get(name));
    }

    List<String> texts(String name) throws CdiException {
        List<String> texts = new ArrayList<>();
        for (Object item : list(name)) {
            texts.add(String.valueOf(item));
        }
        return texts;
    }

    List<CdiObject> objects(String name, List<String> allowed) throws CdiException {
        List<CdiObject> objects = new ArrayList<>();
        for (Object item : list(name)) {
            objects.add(of(place + "." + name + "[" + objects.size() + "]", item, allowed));
        }
        return objects;
    }

    private List<?> list(String name) throws CdiException {
        Object value = members.get(name);
        if (value == null) {
            return List.of();
        }
        if (!(value instanceof List<?> items)) {
            throw new CdiException(place + "." + name + " is no list; have the tool that wrote it write it anew");
        }
        return items;
    }
}
