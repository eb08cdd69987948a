package dev.dunnage.mpi.facts;

import dev.dunnage.mpi.tree.TreePaths;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Files of a tree whose names tell that they matter to MPI. */
final class FoundFiles {
    private static final Pattern WORTH =
            Pattern.compile("lib(?:mpi|mpich|mpifort|mpichfort|mca_common_cuda)[a-z0-9_-]*\\.so(?:\\..*)?"
                    + "|lib(?:pmix|pmi|pmi2|open-pal|open-rte|ucp|uct(?:_cuda|_rocm|_ze)?|fabric|ibverbs|rdmacm|cudart|cuda|amdhip64)\\.so(?:\\..*)?"
                    + "|lib[a-z0-9_]+-rdmav[0-9]+\\.so|(?:pmix_)?mca_(?:pmix|psec|gds|accelerator|btl|mtl|pml)_[a-z0-9_]+\\.so"
                    + "|libc\\.so\\.6|ld-musl-[a-z0-9_]+\\.so\\.1");
    private static final Set<String> PASSED_OVER = Set.of(
            "/proc",
            "/sys",
            "/dev",
            "/run",
            "/tmp",
            "/home",
            "/root",
            "/var",
            "/boot",
            "/usr/share",
            "/usr/include",
            "/usr/src",
            "/usr/lib/modules",
            "/lib/modules",
            "/usr/lib/firmware",
            "/lib/firmware");
    private static final int MAX_NAMES = 1 << 19;
    private static final int MAX_DIRECTORIES = 1 << 16;
    private static final int MAX_DEPTH = 16;
    private static final int MAX_FOUND = 4096;

    private final Map<String, Set<String>> byName = new TreeMap<>();
    private boolean complete = true;

    private record Place(String directory, int depth) {}

    /** Looks through the tree, or on a host through its usual directories alone. */
    static FoundFiles in(TreePaths paths, List<String> roots) throws IOException {
        FoundFiles found = new FoundFiles();
        Deque<Place> left = new ArrayDeque<>();
        for (String root : roots) {
            paths.realDirectory(root).ifPresent(real -> left.add(new Place(real, 0)));
        }
        Set<String> seen = new TreeSet<>();
        int names = 0;
        int kept = 0;
        while (!left.isEmpty()) {
            Place place = left.removeLast();
            if (!seen.add(place.directory()) || PASSED_OVER.contains(place.directory())) {
                continue;
            }
            for (String name : paths.tree().names(place.directory())) {
                names++;
                if (WORTH.matcher(name).matches() && kept++ < MAX_FOUND) {
                    Optional<String> real = paths.realFile(TreePaths.in(place.directory(), name));
                    real.ifPresent(file -> found.byName
                            .computeIfAbsent(name, any -> new TreeSet<>())
                            .add(file));
                }
            }
            if (place.depth() < MAX_DEPTH) {
                for (String name : paths.tree().directories(place.directory())) {
                    left.add(new Place(TreePaths.in(place.directory(), name), place.depth() + 1));
                }
            }
            if (names > MAX_NAMES || left.size() > MAX_DIRECTORIES || kept > MAX_FOUND) {
                found.complete = false;
                break;
            }
        }
        return found;
    }

    boolean complete() {
        return complete;
    }

    /** Real paths of files whose name, or that of a link to them, matches in whole. */
    Set<String> files(String pattern) {
        Pattern names = Pattern.compile(pattern);
        Set<String> files = new TreeSet<>();
        byName.forEach((name, reals) -> {
            if (names.matcher(name).matches()) {
                files.addAll(reals);
            }
        });
        return files;
    }

    /** The first group of a pattern in all names that match, sorted. */
    List<String> groups(String pattern) {
        Pattern names = Pattern.compile(pattern);
        return byName.keySet().stream()
                .flatMap(name -> {
                    Matcher matcher = names.matcher(name);
                    return matcher.matches() ? Stream.of(matcher.group(1)) : Stream.empty();
                })
                .distinct()
                .sorted()
                .toList();
    }

    /** Names that match. */
    List<String> names(String pattern) {
        return new ArrayList<>(groups("(" + pattern + ")"));
    }
}
