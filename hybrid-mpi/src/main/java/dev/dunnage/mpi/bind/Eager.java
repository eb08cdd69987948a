package dev.dunnage.mpi.bind;

import dev.dunnage.mpi.ld.Library;
import dev.dunnage.mpi.tree.TreePaths;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What is loaded beforehand. For a file with a DT_RUNPATH the loader passes over the directories of those that led to it;
 * what such a file needs must be in the process already, and is found by its name then.
 */
final class Eager {
    private final Map<String, Library.Found> libraries;
    private final HostClosure closure;

    Eager(Map<String, Library.Found> libraries, HostClosure closure) {
        this.libraries = libraries;
        this.closure = closure;
    }

    /** For each library the names to load: itself first. */
    Map<String, List<String>> of(Set<String> seeds) {
        Map<String, List<String>> loads = new LinkedHashMap<>();
        for (String seed : seeds) {
            List<String> names = new ArrayList<>(List.of(seed));
            before(seed).stream().filter(name -> !name.equals(seed)).forEach(names::add);
            loads.put(seed, names);
        }
        return loads;
    }

    private Set<String> before(String seed) {
        Set<String> eager = new TreeSet<>();
        Set<String> reached = new TreeSet<>();
        Set<HostClosure.Component> opened = new HashSet<>();
        Deque<String> next = new ArrayDeque<>(List.of(seed));
        while (!next.isEmpty()) {
            String name = next.removeFirst();
            Library.Found found = libraries.get(name);
            if (found == null || !reached.add(name)) {
                continue;
            }
            next.addAll(found.elf().needed());
            addNeeds(found, eager);
            for (HostClosure.Component component : closure.components()) {
                if (component.isLoadedBy(reached) && opened.add(component)) {
                    next.addAll(component.file().elf().needed());
                    addNeeds(component.file(), eager);
                }
            }
        }
        return eager;
    }

    /** Components need each other as well, and find each other by their own directory. */
    private void addNeeds(Library.Found file, Set<String> eager) {
        if (file.elf().runpath().isEmpty()) {
            return;
        }
        for (String name : file.elf().needed()) {
            Library.Found found = libraries.get(name);
            if (found != null && !closure.directories().contains(TreePaths.parent(found.real()))) {
                eager.add(name);
            }
        }
    }
}
